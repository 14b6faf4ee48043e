"""Ways in which programs commonly spell one measure: `width * height`, the middle of two edges."""

from vpd.distillation.replay.values import Computed, Form, Measured, Patch, Value


def measure_of(value: Value) -> Form:
    """The form of a value, with spelled-out measures as the measures themselves.

    Known are the area (`width * height`), the centres (`(left + right) / 2`), width and height as the
    difference of edges, and a negated measure's absolute value.
    """
    form = value.form
    if not isinstance(form, Computed) or len(form.operands) != 2:
        return form
    left, right = (measure_of(operand) for operand in form.operands)
    if isinstance(left, Measured) and isinstance(right, Measured) and left.of.data == right.of.data:
        spelled = (form.operation, frozenset((left.what, right.what)))
        if form.operation == "-":
            known = {("right", "left"): "width", ("upper", "lower"): "height"}.get((left.what, right.what))
            return Measured(known, left.of) if known else form
        if spelled == ("*", frozenset(("width", "height"))):
            return Measured("area", left.of)
    if (
        form.operation == "/"
        and form.operands[1].data == 2
        and isinstance(left, Computed)
        and left.operation == "+"
    ):
        edges = [measure_of(operand) for operand in left.operands]
        if all(isinstance(edge, Measured) for edge in edges):
            a, b = edges
            assert isinstance(a, Measured)
            assert isinstance(b, Measured)
            names = frozenset((a.what, b.what))
            if a.of.data == b.of.data and isinstance(a.of.data, Patch):
                if names == frozenset(("left", "right")):
                    return Measured("horizontal_center", a.of)
                if names == frozenset(("lower", "upper")):
                    return Measured("vertical_center", a.of)
    return form
