"""Runs programs again and again on tool results that are known: no call leaves the sandbox.

Loaded after `prelude.py`, whose calls of tools it answers. `vpd/execution/reruns.py` is the other side: it numbers the
calls that are known and the values that they can be answered with. A world is a list that holds, for each call by its
number, that of its value, or None where it is not known; call 0 stands for the sizes of the images.
"""

_vpd_Exception = Exception
_vpd_RuntimeError = RuntimeError
_vpd_len = len

_vpd_calls = {}
_vpd_regions = []
_vpd_values = []
_vpd_worlds = []
_vpd_world = []
_vpd_path = []
_vpd_unknown = [False]
_vpd_outcomes = []

_vpd_nothing = {}


def _vpd_begin():
    """Take in what was told about a question."""
    global _vpd_values, _vpd_found, _vpd_asked, _vpd_images, _vpd_run
    _vpd_values = [
        [_vpd_regions[number] for number in value] if _vpd_type(value) is _vpd_list else value
        for value in _vpd_values
    ]
    calls = _vpd_range(_vpd_len(_vpd_worlds[0]))
    _vpd_found = [{} for call in calls]
    _vpd_asked = [0 for call in calls]
    _vpd_images = {}
    _vpd_run = 0


# Patches take longer to make than all else that a run does. Those of one run serve the next, where the program changes
# none; within a run each call makes its own, since a program may ask whether two are the same.

_vpd_keeps = False
"""Whether the program leaves patches as they are."""
_vpd_run = 0
"""The number of the run."""
_vpd_found = []
"""The patches of each call, by what it is answered."""
_vpd_asked = []
"""The run in which each call was made last."""
_vpd_images = {}
"""Whole images and the run in which each was handed out last, by number and size."""


def _vpd_find(self, object_name):
    _vpd_text(object_name, "find", "object_name")
    call = _vpd_known(self).get(("find", object_name))
    if call is None or _vpd_asked[call] == _vpd_run or not _vpd_keeps:
        return [_vpd_ImagePatch(_vpd_made, region) for region in _vpd_recall(call)]
    _vpd_asked[call] = _vpd_run
    value = _vpd_world[call]
    patches = _vpd_found[call].get(value)
    if patches is None:
        patches = [_vpd_ImagePatch(_vpd_made, region) for region in _vpd_recall(call)]
        _vpd_found[call][value] = patches
    else:
        _vpd_path.append(call)
    return patches[:]


def _vpd_exists(self, object_name):
    _vpd_text(object_name, "exists", "object_name")
    return _vpd_recall(_vpd_known(self).get(("exists", object_name)))


def _vpd_verify_property(self, object_name, visual_property):
    _vpd_text(object_name, "verify_property", "object_name")
    _vpd_text(visual_property, "verify_property", "visual_property")
    return _vpd_recall(_vpd_known(self).get(("verify_property", object_name, visual_property)))


def _vpd_image(index):
    width, height = _vpd_sizes[index]
    image, run = _vpd_images.get((index, width, height), (None, 0))
    if image is None or run == _vpd_run or not _vpd_keeps:
        image = _vpd_ImagePatch(_vpd_made, (index, 0, 0, width, height, "", 1.0))
    _vpd_images[(index, width, height)] = (image, _vpd_run)
    return image


ImagePatch._vpd_calls = None
ImagePatch.find = _vpd_find
ImagePatch.exists = _vpd_exists
ImagePatch.verify_property = _vpd_verify_property


def _vpd_known(patch):
    """The calls that are known about the place of a patch."""
    calls = patch._vpd_calls
    if calls is None:
        calls = _vpd_calls.get(patch._vpd_patch[:5], _vpd_nothing)
        patch._vpd_calls = calls
    return calls


def _vpd_tool(method, region, *arguments):
    if method == "best_image_match":
        # Which patch is best does not depend on their order: it is known by its place in the image.
        patches, contents = arguments
        places = [each[:5] for each in patches]
        arguments = (_vpd_tuple(_vpd_sorted(places)), _vpd_tuple(contents))
    elif method == "best_text_match":
        options, prefix = arguments
        arguments = (_vpd_tuple(options), prefix)
    known = _vpd_calls.get(None if region is None else region[:5], _vpd_nothing)
    result = _vpd_recall(known.get((method, *arguments)))
    return places.index(result) if method == "best_image_match" else result


def _vpd_recall(call):
    if call is not None:
        _vpd_path.append(call)
        value = _vpd_world[call]
        if value is not None:
            return _vpd_values[value]
    # The program may catch the exception: the flag says that what it returns stands on nothing.
    _vpd_unknown[0] = True
    raise _vpd_RuntimeError("no tool was asked this")


def _vpd_outcome(run, world):
    """What a run returns, and whether it stands on the unknown."""
    global _vpd_world, _vpd_path, _vpd_sizes, _vpd_run
    _vpd_world = world
    _vpd_path = [0]
    _vpd_sizes = _vpd_values[world[0]]
    _vpd_run += 1
    _vpd_unknown[0] = False
    try:
        value = _vpd_answer(run())
    except _vpd_Exception as error:
        value = (_vpd_type(error).__name__,)
    return (value, _vpd_unknown[0])


def _vpd_rerun(run, world, node, depth):
    """The outcome in a world.

    `node` is what this program does after it has made `depth` calls. What it reads decides what it does: `[call,
    {value: what then}]`, or `[-1, outcome]` at its end. A run in which it would read the same again is not made.
    """
    while node[0] >= 0:
        then = node[1].get(world[node[0]])
        if then is None:
            break
        node = then
        depth += 1
    if node[0] == -1:
        return node[1]
    outcome = _vpd_outcome(run, world)
    for call in _vpd_path[depth:]:
        if node[0] != call:
            if node[0] != -2:
                return outcome  # a program that remembers something from run to run
            node[0] = call
        then = node[1].get(world[call])
        if then is None:
            then = [-2, {}]
            node[1][world[call]] = then
        node = then
    if node[0] == -2:
        node[0] = -1
        node[1] = outcome
    return outcome


def _vpd_with(world, changes):
    """A world in which some calls are answered otherwise."""
    other = _vpd_list(world)
    for call, value in changes:
        other[call] = value
    return other


def _vpd_reached(node, world):
    """For each call that is made in a world, what the program does from there on, and after how many calls."""
    reached = {}
    depth = 0
    while node[0] >= 0 and world[node[0]] in node[1]:
        if node[0] not in reached:
            reached[node[0]] = (node, depth)
        node = node[1][world[node[0]]]
        depth += 1
    return reached


def _vpd_reruns(run, calls, worlds, keeps):
    """Look into one program.

    `calls` are those whose results are changed, `(number, other values, place in the program)`; the first of `worlds`
    is the world as it is; `keeps` says whether the program leaves patches as they are. Sent on are the outcome there;
    of each call those with other results, up to the first that differs; those with some calls of which none makes a
    difference changed together, `(numbers of the calls, outcome)`; and those in the other worlds.
    """
    global _vpd_keeps
    _vpd_keeps = keeps
    seen = [0, {}]
    base = _vpd_rerun(run, worlds[0], seen, 0)
    reached = _vpd_reached(seen, worlds[0])
    changed = []
    places = {}
    world = _vpd_list(worlds[0])
    for call, others, place in calls:
        found = []
        node, depth = reached.get(call, (seen, 0))
        for other in others:
            world[call] = other
            outcome = _vpd_rerun(run, world, node, depth)
            found.append(outcome)
            if outcome != base and not outcome[1]:
                break
        world[call] = worlds[0][call]
        if found and _vpd_all_equal(found, base):
            if place not in places:
                places[place] = []
            places[place].append(_vpd_len(changed))
        changed.append(found)
    groups = [group for group in places.values() if _vpd_len(group) > 1]
    if _vpd_len(places) > 1:
        groups.append([number for group in places.values() for number in group])
    together = []
    for group in groups:
        for which in (0, -1):
            changes = [(calls[number][0], calls[number][1][which]) for number in group]
            together.append((group, _vpd_rerun(run, _vpd_with(worlds[0], changes), seen, 0)))
    elsewhere = [_vpd_rerun(run, world, seen, 0) for world in worlds[1:]]
    _vpd_outcomes.append((base, changed, together, elsewhere))


def _vpd_all_equal(found, base):
    for each in found:
        if each != base:
            return False
    return True
