"""Runs a program again and again on tool results that are known: no call leaves the sandbox.

Loaded after `prelude.py`, in place of whose `_vpd_host` it answers. `vpd/execution/reruns.py` is the other side.
"""

_vpd_Exception = Exception
_vpd_RuntimeError = RuntimeError

_vpd_known = {}
_vpd_instead = {}
_vpd_unknown = [False]


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
    if key in _vpd_known:
        return _vpd_known[key]
    # The program may catch the exception: the flag says that what it returns stands on nothing.
    _vpd_unknown[0] = True
    raise _vpd_RuntimeError("no tool was asked this")


def _vpd_hashable(value):
    return _vpd_tuple(value) if _vpd_type(value) is _vpd_list else value


def _vpd_reruns(run, tables, tries):
    """For each try, `(table, changed results)`: what was returned, and whether it stands on the unknown."""
    global _vpd_known, _vpd_instead, _vpd_sizes
    outcomes = []
    for table, instead in tries:
        _vpd_sizes, _vpd_known = tables[table]
        _vpd_instead = instead
        _vpd_unknown[0] = False
        try:
            value = _vpd_answer(run())
        except _vpd_Exception as error:
            value = (_vpd_type(error).__name__,)
        outcomes.append((value, _vpd_unknown[0]))
    return outcomes
