"""The reliability diagram."""

from xml.etree import ElementTree

from vpd.reporting.reliability import Bin, reliability_diagram

SVG = "{http://www.w3.org/2000/svg}"


def test_each_bin_is_a_point_as_high_as_its_programs_are_right():
    figure = reliability_diagram("Reliability", [Bin(0.1, 0.0, 10), Bin(0.9, 1.0, 40)], "a note")
    drawn = ElementTree.fromstring(figure.image)
    low, high = drawn.iter(f"{SVG}circle")
    assert float(low.get("cx", "")) < float(high.get("cx", ""))
    assert float(low.get("cy", "")) > float(high.get("cy", "")), "y grows downwards"
    assert float(low.get("r", "")) < float(high.get("r", ""))
    assert figure.note == "a note"


def test_without_programs_there_is_only_the_diagonal():
    drawn = ElementTree.fromstring(reliability_diagram("Reliability", [], "").image)
    assert not list(drawn.iter(f"{SVG}circle"))
