"""What the sandbox needs around a program: the trace, calls that leave the sandbox, and mended builtins.

Loaded before `prelude.py`. A rewritten program calls the `_vpd_` functions below (see `vpd/execution/rewrite.py`);
the program itself cannot name them. Builtins get private names first, because a program may redefine them.
"""

# Programs use these two without importing them.
import math
import re

_vpd_abs = abs
_vpd_bool = bool
_vpd_dict = dict
_vpd_float = float
_vpd_int = int
_vpd_iter = iter
_vpd_len = len
_vpd_list = list
_vpd_max = max
_vpd_min = min
_vpd_next = next
_vpd_range = range
_vpd_round = round
_vpd_sorted = sorted
_vpd_str = str
_vpd_tuple = tuple
_vpd_type = type
_vpd_zip = zip
_vpd_getattr = getattr
_vpd_setattr = setattr
_vpd_hasattr = hasattr
_vpd_isinstance = isinstance
_vpd_IndexError = IndexError
_vpd_StopIteration = StopIteration
_vpd_TypeError = TypeError
_vpd_ValueError = ValueError
_vpd_findall = re.findall
_vpd_plain = {int, float, bool, type(None)}
_vpd_sequences = {list, tuple, set, frozenset}

_vpd_sizes = []
_vpd_limits = [0, 0]
_vpd_site = [0]
_vpd_count = [0]
_vpd_room = [0]
_vpd_buffer = []
_vpd_exceptions = []


class _vpd_Made:
    """Marks arguments that are already checked."""


_vpd_made = _vpd_Made()


# The trace ------------------------------------------------------------------------------------------------


def _vpd_at(site, value):
    """The next call that leaves the sandbox comes from `site`."""
    _vpd_site[0] = site
    return value


def _vpd_see(site, value):
    """Record a value, and hand it on."""
    _vpd_count[0] += 1
    if _vpd_count[0] <= _vpd_limits[0]:
        kind = _vpd_type(value)
        if kind in _vpd_plain:
            _vpd_buffer.append((site, value))
        elif kind is _vpd_ImagePatch:
            _vpd_buffer.append((site, value._vpd_patch))
        else:
            _vpd_room[0] = _vpd_limits[1]
            _vpd_buffer.append((site, _vpd_encode(value, 4)))
    return value


def _vpd_encode(value, depth):
    """Data as it is, regions for patches, `(kind, items, length)` for containers, `(type name,)` otherwise.

    What has no room, as JSON of so many characters, is left out.
    """
    kind = _vpd_type(value)
    _vpd_room[0] -= 4
    if kind in _vpd_plain:
        return value
    if kind is _vpd_str:
        _vpd_room[0] -= _vpd_len(value)
        return value if _vpd_len(value) <= _vpd_limits[1] else value[: _vpd_limits[1]]
    if kind is _vpd_ImagePatch:
        _vpd_room[0] -= 60
        return value._vpd_patch
    if depth and kind in _vpd_sequences:
        items = []
        for item in value:
            if _vpd_room[0] <= 0:
                break
            items.append(_vpd_encode(item, depth - 1))
        return ("list", items, _vpd_len(value))
    if depth and _vpd_isinstance(value, _vpd_dict):
        items = []
        for key in value:
            if _vpd_room[0] <= 0:
                break
            items.append((_vpd_encode(key, depth - 1), _vpd_encode(value[key], depth - 1)))
        return ("dict", items, _vpd_len(value))
    return (kind.__name__,)


def _vpd_flush():
    global _vpd_buffer
    steps = _vpd_buffer
    _vpd_buffer = []
    return steps


def _vpd_caught(exception):
    """An exception that the program caught itself."""
    told = (_vpd_type(exception).__name__, _vpd_str(exception)[:300])
    if told not in _vpd_exceptions and _vpd_len(_vpd_exceptions) < 20:
        _vpd_exceptions.append(told)


def _vpd_rest():
    """What the trace holds since the last call, how many values were seen, and what was caught."""
    return (_vpd_flush(), _vpd_count[0], _vpd_exceptions)


def _vpd_tool(method, region, *arguments):
    return _vpd_host(_vpd_site[0], _vpd_flush(), method, region, arguments)


def _vpd_end(value):
    return (_vpd_answer(value), _vpd_rest())


def _vpd_answer(value):
    """What the entry point returned: data, a list of data, or only its type."""
    kind = _vpd_type(value)
    if kind in _vpd_plain or kind is _vpd_str:
        return value
    if kind is _vpd_list or kind is _vpd_tuple:
        answer = []
        for item in value:
            if _vpd_type(item) is not _vpd_str and _vpd_type(item) not in _vpd_plain:
                return (kind.__name__,)
            answer.append(item)
        return answer
    return (kind.__name__,)


# What the interpreter cannot do while a tool is awaited ----------------------------------------------------


def sorted(iterable, /, *, key=None, reverse=False):
    if key is None:
        return _vpd_sorted(iterable, reverse=reverse)
    items = _vpd_list(iterable)
    keys = [key(item) for item in items]
    order = _vpd_sorted(_vpd_range(_vpd_len(items)), key=lambda index: keys[index], reverse=reverse)
    return [items[index] for index in order]


class _vpd_Sortable:
    def __init__(self, items):
        self.items = items

    def sort(self, *, key=None, reverse=False):
        self.items[:] = _vpd_sorted_by(self.items, key=key, reverse=reverse)


def _vpd_sortable(items):
    return _vpd_Sortable(items) if _vpd_type(items) is _vpd_list else items


_vpd_sorted_by = sorted


def _vpd_extreme(choose, arguments, key, options):
    if key is None:
        return choose(*arguments, **options)
    items = _vpd_list(arguments[0] if _vpd_len(arguments) == 1 else arguments)
    if not items:
        return choose(items, **options)
    keys = [key(item) for item in items]
    return items[choose(_vpd_range(_vpd_len(items)), key=lambda index: keys[index])]


def min(*arguments, key=None, **options):
    return _vpd_extreme(_vpd_min, arguments, key, options)


def max(*arguments, key=None, **options):
    return _vpd_extreme(_vpd_max, arguments, key, options)


def map(function, /, *iterables):
    if _vpd_len(iterables) == 1:
        return _vpd_iter([function(item) for item in iterables[0]])
    return _vpd_iter([function(*items) for items in _vpd_zip(*iterables)])


def filter(function, iterable, /):
    if function is None:
        return _vpd_iter([item for item in iterable if item])
    return _vpd_iter([item for item in iterable if function(item)])


def round(number, ndigits=None):
    # The interpreter's own rounds some halves the wrong way: 2.675, which is a little less, to 2.68.
    if _vpd_type(number) is _vpd_float and _vpd_type(ndigits) is _vpd_int and 0 <= ndigits <= 300:
        return _vpd_float(f"{number:.{ndigits}f}")
    return _vpd_round(number) if ndigits is None else _vpd_round(number, ndigits)


# Generator expressions that are left early: `any(f(x) for x in xs)` → any(_vpd_iter([_vpd_when_true(cell, f(x))
# for cell in [_vpd_Cell()] for x in _vpd_Until(cell, xs)]))


class _vpd_Cell:
    def __init__(self):
        self.done = False


class _vpd_Until:
    def __init__(self, cell, items):
        self.cell = cell
        self.items = _vpd_iter(items)

    def __iter__(self):
        return self

    def __next__(self):
        if self.cell.done:
            raise _vpd_StopIteration
        return _vpd_next(self.items)


def _vpd_when_true(cell, value):
    if value:
        cell.done = True
    return value


def _vpd_when_false(cell, value):
    if not value:
        cell.done = True
    return value


def _vpd_at_once(cell, value):
    cell.done = True
    return value


# What no program may do: each use ends it --------------------------------------------------------------------


def eval(*arguments):
    _vpd_forbidden("eval()")


def exec(*arguments):
    _vpd_forbidden("exec()")


def open(*arguments, **options):
    _vpd_forbidden("open()")


def locals():
    _vpd_forbidden("locals()")


def getattr(value, name, /, *default):
    if "_vpd_" in name:
        _vpd_forbidden(name)
    return _vpd_getattr(value, name, *default)


def hasattr(value, name, /):
    if "_vpd_" in name:
        _vpd_forbidden(name)
    return _vpd_hasattr(value, name)


def setattr(value, name, attribute, /):
    if "_vpd_" in name:
        _vpd_forbidden(name)
    _vpd_setattr(value, name, attribute)
