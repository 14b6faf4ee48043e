"""Runs programs again and again on tool results that are known: no call leaves the sandbox.

Loaded after `prelude.py`, in place of whose `_vpd_host` it answers. `vpd/execution/reruns.py` is the other side.
"""

_vpd_Exception = Exception
_vpd_RuntimeError = RuntimeError
_vpd_len = len

_vpd_known = {}
_vpd_instead = {}
_vpd_unknown = [False]
_vpd_read = {}
_vpd_outcomes = []


def _vpd_host(site, values, method, region, arguments):
    if method == "best_image_match":
        # Which patch is best does not depend on their order: it is known by its place in the image.
        places = [each[:5] for each in arguments[0]]
        return places.index(_vpd_recall((method, _vpd_tuple(_vpd_sorted(places)), _vpd_tuple(arguments[1]))))
    place = None if region is None else region[:5]
    return _vpd_recall((method, place, *[_vpd_hashable(each) for each in arguments]))


def _vpd_recall(key):
    if key in _vpd_instead:
        return _vpd_instead[key]
    _vpd_read[key] = True
    if key in _vpd_known:
        return _vpd_known[key]
    # The program may catch the exception: the flag says that what it returns stands on nothing.
    _vpd_unknown[0] = True
    raise _vpd_RuntimeError("no tool was asked this")


def _vpd_hashable(value):
    return _vpd_tuple(value) if _vpd_type(value) is _vpd_list else value


def _vpd_rerun(run, table, instead):
    """What was returned, and whether it stands on the unknown."""
    global _vpd_known, _vpd_instead, _vpd_sizes
    _vpd_sizes, _vpd_known = table
    _vpd_instead = instead
    _vpd_unknown[0] = False
    try:
        value = _vpd_answer(run())
    except _vpd_Exception as error:
        value = (_vpd_type(error).__name__,)
    return (value, _vpd_unknown[0])


def _vpd_reruns(run, calls, tables):
    """Look into one program.

    `calls` are those whose results are changed, `(key, other results, place in the program)`; the first of `tables`,
    `(sizes, results)`, is the world as it is. Sent on are the outcome there; of each call those with other results,
    up to the first that differs; those with some calls of which none makes a difference changed together,
    `(numbers of the calls, outcome)`; and those in the other tables.
    """
    global _vpd_read
    _vpd_read = {}
    base = _vpd_rerun(run, tables[0], {})
    read = _vpd_read
    changed = []
    places = {}
    for key, others, place in calls:
        found = []
        for other in others:
            outcome = _vpd_rerun(run, tables[0], {key: other})
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
            instead = {calls[number][0]: calls[number][1][which] for number in group}
            together.append((group, _vpd_rerun(run, tables[0], instead)))
    elsewhere = [
        base if _vpd_same(read, tables[0], table) else _vpd_rerun(run, table, {}) for table in tables[1:]
    ]
    _vpd_outcomes.append((base, changed, together, elsewhere))


def _vpd_all_equal(found, base):
    for each in found:
        if each != base:
            return False
    return True


def _vpd_same(read, table, other):
    """Whether all that was read of one table stands in another too, so that the program ends as it did."""
    if table[0] != other[0]:
        return False
    for key in read:
        if table[1].get(key) != other[1].get(key):
            return False
    return True
