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
    global _vpd_question, _vpd_choices, _vpd_studies, _vpd_calls, _vpd_values, _vpd_worlds
    global _vpd_outcomes, _vpd_found, _vpd_asked, _vpd_images, _vpd_run
    _vpd_question, _vpd_choices, _vpd_studies, _vpd_calls, columns, values, _vpd_worlds = told
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
    return patches.copy()


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


def _vpd_with(world, changes):
    """A world in which some calls are answered otherwise."""
    other = _vpd_list(world)
    for call, value in changes:
        other[call] = value
    return other


def _vpd_reruns(run, number):
    """Look into one program.

    Told of it are the calls whose results are changed, `(number, other values, place in the program)`; the numbers of
    the worlds that it is asked about, of which the first is the world as it is; and whether it leaves patches as they
    are. Sent on are the outcome there; of each call those with other results, up to the first that differs; those with
    some calls of which none makes a difference changed together, `(numbers of the calls, outcome)`; and those in the
    other worlds.
    """
    global _vpd_keeps
    calls, asked, _vpd_keeps = _vpd_studies[number]
    first, *others = [_vpd_worlds[each] for each in asked]
    base = _vpd_outcome(run, first)
    path = _vpd_path
    changed = []
    places = {}
    world = _vpd_list(first)
    for call, values, place in calls:
        found = []
        made = call in path
        for value in values:
            if not made or value == first[call]:
                found.append(base)
                continue
            world[call] = value
            outcome = _vpd_outcome(run, world)
            found.append(outcome)
            if outcome != base and not outcome[1]:
                break
        world[call] = first[call]
        if found and _vpd_all_equal(found, base):
            if place not in places:
                places[place] = []
            places[place].append(_vpd_len(changed))
        changed.append(found)
    # What a program reads decides what it does: where it reads the same, it is not run again.
    read = [first[call] for call in path]
    groups = [group for group in places.values() if _vpd_len(group) > 1]
    if _vpd_len(places) > 1:
        groups.append([number for group in places.values() for number in group])
    together = []
    for group in groups:
        for which in (0, -1):
            other = _vpd_with(first, [(calls[number][0], calls[number][1][which]) for number in group])
            same = [other[call] for call in path] == read
            together.append((group, base if same else _vpd_outcome(run, other)))
    elsewhere = [
        base if [other[call] for call in path] == read else _vpd_outcome(run, other) for other in others
    ]
    _vpd_outcomes.append((base, changed, together, elsewhere))


def _vpd_all_equal(found, base):
    for each in found:
        if each != base:
            return False
    return True
