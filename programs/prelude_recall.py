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


def _vpd_filled():
    """The values, with lists of regions in place of lists of their numbers."""
    return [
        [_vpd_regions[number] for number in value] if _vpd_type(value) is _vpd_list else value
        for value in _vpd_values
    ]


def _vpd_tool(method, region, first=None, second=None, third=None, fourth=None):
    if region is not None:
        if method == "best_text_match":
            first = _vpd_tuple(first)
        return _vpd_recall((method, region[:5], first, second, third, fourth))
    if method == "best_image_match":
        # Which patch is best does not depend on their order: it is known by its place in the image.
        places = [each[:5] for each in first]
        key = (method, _vpd_tuple(_vpd_sorted(places)), _vpd_tuple(second), None, None, None)
        return places.index(_vpd_recall(key))
    return _vpd_recall((method, None, first, second, third, fourth))


def _vpd_recall(key):
    call = _vpd_calls.get(key)
    if call is not None:
        _vpd_path.append(call)
        value = _vpd_world[call]
        if value is not None:
            return _vpd_values[value]
    # The program may catch the exception: the flag says that what it returns stands on nothing.
    _vpd_unknown[0] = True
    raise _vpd_RuntimeError("no tool was asked this")


def _vpd_rerun(run, world, seen):
    """What was returned, and whether it stands on the unknown.

    `seen` is what this program did so far. What it reads decides what it does: `[call, {value: what then}]`, or
    `[-1, outcome]` at its end. A run in which it would read the same again is not made.
    """
    global _vpd_world, _vpd_path, _vpd_sizes
    node = seen
    while node[0] >= 0 and world[node[0]] in node[1]:
        node = node[1][world[node[0]]]
    if node[0] == -1:
        return node[1]
    _vpd_world = world
    _vpd_path = [0]
    _vpd_sizes = _vpd_values[world[0]]
    _vpd_unknown[0] = False
    try:
        value = _vpd_answer(run())
    except _vpd_Exception as error:
        value = (_vpd_type(error).__name__,)
    outcome = (value, _vpd_unknown[0])
    node = seen
    for call in _vpd_path:
        if node[0] == -2:
            node[0] = call
        elif node[0] != call:
            return outcome  # a program that remembers something from run to run
        if world[call] not in node[1]:
            node[1][world[call]] = [-2, {}]
        node = node[1][world[call]]
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


def _vpd_reruns(run, calls, worlds):
    """Look into one program.

    `calls` are those whose results are changed, `(number, other values, place in the program)`; the first of `worlds`
    is the world as it is. Sent on are the outcome there; of each call those with other results, up to the first that
    differs; those with some calls of which none makes a difference changed together, `(numbers of the calls,
    outcome)`; and those in the other worlds.
    """
    seen = [0, {}]
    base = _vpd_rerun(run, worlds[0], seen)
    changed = []
    places = {}
    for call, others, place in calls:
        found = []
        for other in others:
            outcome = _vpd_rerun(run, _vpd_with(worlds[0], [(call, other)]), seen)
            found.append(outcome)
            if outcome != base and not outcome[1]:
                break
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
            together.append((group, _vpd_rerun(run, _vpd_with(worlds[0], changes), seen)))
    elsewhere = [_vpd_rerun(run, world, seen) for world in worlds[1:]]
    _vpd_outcomes.append((base, changed, together, elsewhere))


def _vpd_all_equal(found, base):
    for each in found:
        if each != base:
            return False
    return True
