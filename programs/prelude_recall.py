"""Runs programs again and again on tool results that are known: no call leaves the sandbox.

Loaded after `prelude.py`, whose calls of tools it answers. `vpd/execution/reruns.py` is the other side: it numbers the
calls that are known and the values that they can be answered with. A world is a list that holds, for each call by its
number, that of its value, or None where it is not known; call 0 stands for the sizes of the images.
"""

_vpd_Exception = Exception
_vpd_RuntimeError = RuntimeError
_vpd_len = len

_vpd_calls = {}
_vpd_values = []
_vpd_world = []
_vpd_path = []
_vpd_unknown = [False]
_vpd_outcomes = []
_vpd_all = []
"""The outcomes of each question."""

_vpd_nothing = {}


def _vpd_begin(told):
    """Take in what is told about a question: regions as columns, and lists of regions as lists of their numbers."""
    global _vpd_question, _vpd_choices, _vpd_changes, _vpd_calls, _vpd_values, _vpd_worlds
    global _vpd_outcomes, _vpd_found, _vpd_asked, _vpd_images, _vpd_run
    _vpd_question, _vpd_choices, _vpd_changes, _vpd_calls, columns, values, _vpd_worlds = told
    regions = [*_vpd_zip(*columns)]
    _vpd_values = [
        [regions[number] for number in value] if _vpd_type(value) is _vpd_list else value for value in values
    ]
    _vpd_outcomes = []
    _vpd_all.append(_vpd_outcomes)
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
    if _vpd_type(object_name) is not _vpd_str:
        _vpd_text(object_name, "find", "object_name")
    finds = self._vpd_finds
    if finds is None:
        finds = self._vpd_finds = _vpd_known(self, "find")
    call = finds.get(object_name)
    if call is None or _vpd_asked[call] == _vpd_run or not _vpd_keeps:
        return [_vpd_ImagePatch(_vpd_made, region) for region in _vpd_recall(call)]
    _vpd_asked[call] = _vpd_run
    patches = _vpd_found[call].get(_vpd_world[call])
    if patches is None:
        patches = [_vpd_ImagePatch(_vpd_made, region) for region in _vpd_recall(call)]
        _vpd_found[call][_vpd_world[call]] = patches
    else:
        _vpd_path.append(call)
    return patches[:]


def _vpd_verify_property(self, object_name, visual_property):
    _vpd_text(object_name, "verify_property", "object_name")
    _vpd_text(visual_property, "verify_property", "visual_property")
    properties = self._vpd_properties
    if properties is None:
        properties = self._vpd_properties = _vpd_known(self, "verify_property")
    return _vpd_recall(properties.get((object_name, visual_property)))


def _vpd_image(index):
    width, height = _vpd_sizes[index]
    image, run = _vpd_images.get((index, width, height), (None, 0))
    if image is None or run == _vpd_run or not _vpd_keeps:
        image = _vpd_ImagePatch(_vpd_made, (index, 0, 0, width, height, "", 1.0))
    _vpd_images[(index, width, height)] = (image, _vpd_run)
    return image


ImagePatch._vpd_finds = None
ImagePatch._vpd_properties = None
ImagePatch.find = _vpd_find
ImagePatch.verify_property = _vpd_verify_property


def _vpd_known(patch, method):
    """The calls of a method that are known about the place of a patch, by their arguments."""
    return _vpd_calls.get(patch._vpd_patch[:5], _vpd_nothing).get(method, _vpd_nothing)


def _vpd_tool(method, region, *arguments):
    if method == "best_image_match":
        # Which patch is best does not depend on their order: it is known by its place in the image.
        patches, contents = arguments
        places = [each[:5] for each in patches]
        arguments = (_vpd_tuple(_vpd_sorted(places)), _vpd_tuple(contents))
    elif method == "best_text_match":
        options, prefix = arguments
        arguments = (_vpd_tuple(options), prefix)
    known = _vpd_calls.get(None if region is None else region[:5], _vpd_nothing).get(method, _vpd_nothing)
    result = _vpd_recall(known.get(arguments[0] if _vpd_len(arguments) == 1 else arguments))
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


# What a program reads decides what it does, so that a run in which it would read what it has read before is not made.
# A way is `[calls, values, then]`: it makes these calls, one after the other, as long as they are answered with these
# values. Then it ends, `[-1, outcome]`, or makes a call whose answer decides how it goes on, `[call, {value: way}]`.


def _vpd_way(path, world, outcome):
    """The way of a run to its end."""
    return [path, [world[call] for call in path], [-1, outcome]]


def _vpd_rerun(run, world, way):
    """The outcome in a world, given all ways that were gone before; the new one is added."""
    depth = 0
    while True:
        calls, values, then = way
        read = [world[call] for call in calls]
        if read != values:
            at = 0
            while read[at] == values[at]:
                at += 1
            then = [calls[at], {values[at]: [calls[at + 1 :], values[at + 1 :], then]}]
            depth += at
            break
        depth += _vpd_len(calls)
        if then[0] == -1:
            return then[1]
        if world[then[0]] not in then[1]:
            at = _vpd_len(calls)
            break
        way = then[1][world[then[0]]]
        depth += 1
    outcome = _vpd_outcome(run, world)
    # It goes another way where it remembers something from run to run.
    if _vpd_path[depth : depth + 1] == [then[0]]:
        then[1][world[then[0]]] = _vpd_way(_vpd_path[depth + 1 :], world, outcome)
        way[0] = calls[:at]
        way[1] = values[:at]
        way[2] = then
    return outcome


def _vpd_with(world, changes):
    """A world in which some calls are answered otherwise."""
    other = _vpd_list(world)
    for call, value in changes:
        other[call] = value
    return other


def _vpd_branched(way, branches):
    """The way of the first run, with those that part from it: `{place in it: {value: way}}`."""
    calls, values, then = way
    end = _vpd_len(calls)
    for place in _vpd_sorted(branches, reverse=True):
        branches[place][values[place]] = [calls[place + 1 : end], values[place + 1 : end], then]
        then = [calls[place], branches[place]]
        end = place
    return [calls[:end], values[:end], then]


def _vpd_reruns(run, calls, worlds, keeps):
    """Look into one program.

    `calls` are those whose results are changed, `(number, other values, place in the program)`; the first of `worlds`
    is the world as it is; `keeps` says whether the program leaves patches as they are. Sent on are the outcome there;
    of each call those with other results, up to the first that differs; those with some calls of which none makes a
    difference changed together, `(numbers of the calls, outcome)`; and those in the other worlds.
    """
    global _vpd_keeps
    _vpd_keeps = keeps
    base = _vpd_outcome(run, worlds[0])
    path = _vpd_path
    way = _vpd_way(path, worlds[0], base)
    branches = {}
    changed = []
    places = {}
    world = _vpd_list(worlds[0])
    for call, others, place in calls:
        found = []
        at = path.index(call) if call in path else None
        for other in others:
            if at is None or other == worlds[0][call]:
                found.append(base)
                continue
            # As in the first run up to this call, and as in no other from there on.
            world[call] = other
            outcome = _vpd_outcome(run, world)
            if _vpd_path[at : at + 1] == [call]:
                if at not in branches:
                    branches[at] = {}
                branches[at][other] = _vpd_way(_vpd_path[at + 1 :], world, outcome)
            found.append(outcome)
            if outcome != base and not outcome[1]:
                break
        world[call] = worlds[0][call]
        if found and _vpd_all_equal(found, base):
            if place not in places:
                places[place] = []
            places[place].append(_vpd_len(changed))
        changed.append(found)
    way = _vpd_branched(way, branches)
    groups = [group for group in places.values() if _vpd_len(group) > 1]
    if _vpd_len(places) > 1:
        groups.append([number for group in places.values() for number in group])
    together = []
    for group in groups:
        for which in (0, -1):
            changes = [(calls[number][0], calls[number][1][which]) for number in group]
            together.append((group, _vpd_rerun(run, _vpd_with(worlds[0], changes), way)))
    elsewhere = [_vpd_rerun(run, world, way) for world in worlds[1:]]
    _vpd_outcomes.append((base, changed, together, elsewhere))


def _vpd_all_equal(found, base):
    for each in found:
        if each != base:
            return False
    return True
