"""Program idioms: the same step written in the several ways that programmers write it."""

import numpy as np

from vpd.tabletop.kinds import Kind
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

VALUES: dict[str, tuple[str, ...]] = {
    "color": COLORS,
    "material": MATERIALS,
    "shape": SHAPES,
    "size": SIZES,
}
"""What each property can be."""


class Writer:
    """Writes one program; its choices come from `rng`."""

    def __init__(self, rng: np.random.Generator, video: bool = False) -> None:
        self._rng = rng
        self._video = video
        self.image = self.pick("image_patch", "image_patch", "image", "scene", "patch")
        """The variable that holds the whole image."""
        self._lines: list[str] = []
        self._depth = 1

    def pick(self, *options: str) -> str:
        return options[self._rng.integers(len(options))]

    def chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def line(self, text: str, indent: int = 0) -> None:
        self._lines.append("    " * (1 + indent) + text)

    def comment(self, text: str, share: float = 0.25) -> None:
        if self.chance(share):
            self.line(f"# {text}")

    def program(self) -> str:
        given = "video" if self._video else "image"
        head = self.pick(f"def execute_command({given}) -> str:", f"def execute_command({given}):")
        whole = [] if self._video or self.image == given else [f"    {self.image} = ImagePatch(image)"]
        return "\n".join([head, *whole, *self._lines]) + "\n"

    # Each of the following writes lines and returns the name of the variable that holds the result.

    def all_of(self, kind: Kind, where: str | None = None, name: str | None = None) -> str:
        """Every instance: by its full name, or by its noun with properties checked one at a time."""
        where = where or self.image
        name = name or self.pick(kind.name + "s", kind.name + "s", kind.noun + "s", kind.name + "_patches")
        last = kind.adjectives[-1] if kind.adjectives else None
        if last is None or self.chance(0.65):
            self.line(f'{name} = {where}.find("{kind.phrase}")')
            return name
        rest = " ".join((*kind.adjectives[:-1], kind.noun))
        p = self.pick("p", "candidate", "each")
        check = f'{p}.verify_property("{kind.noun}", "{last}")'
        if self.chance(0.6):
            self.line(f'{name} = [{p} for {p} in {where}.find("{rest}") if {check}]')
        else:
            self.line(f"{name} = []")
            self.line(f'for {p} in {where}.find("{rest}"):')
            self.line(f"if {check}:", 1)
            self.line(f"{name}.append({p})", 2)
        return name

    def the(self, kind: Kind, where: str | None = None, name: str | None = None) -> str:
        """The only instance."""
        name = name or kind.name
        where = where or self.image
        if self.chance(0.5):
            self.line(f'{name} = {where}.find("{kind.phrase}")[0]')
        else:
            plural = self.all_of(kind, where)
            if plural == name:
                plural = self.all_of(kind, where, name + "s")
            self.line(f"{name} = {plural}[0]")
        return name

    def yes_no(self, condition: str) -> None:
        """Answer yes or no."""
        match int(self._rng.integers(4)):
            case 0:
                self.line(f'return "yes" if {condition} else "no"')
            case 1:
                self.line(f"if {condition}:")
                self.line('return "yes"', 1)
                if self.chance(0.5):
                    self.line('return "no"')
                else:
                    self.line("else:")
                    self.line('return "no"', 1)
            case _:
                self.line(f"return bool_to_yesno({condition})")

    def number(self, expression: str) -> None:
        """Answer a number."""
        self.line(self.pick(f"return str({expression})", f"return str({expression})", f"return {expression}"))

    def property_of(self, patch: str, noun: str, name: str) -> None:
        """Answer a property of a patch."""
        what = f"What {name} is the {noun}?" if name != "shape" else f"What shape is this {noun}?"
        options = "[" + ", ".join(f'"{value}"' for value in VALUES[name]) + "]"
        match int(self._rng.integers(3)):
            case 0:
                self.line(f'return {patch}.simple_query("{what}")')
            case 1:
                self.line(f"return {patch}.best_text_match({options})")
            case _:
                self.line(f'{name} = {patch}.simple_query("{what}")')
                self.line(f"return {name}")

    def property_into(self, patch: str, noun: str, name: str, variable: str) -> str:
        """A property of a patch, in a variable."""
        what = f"What {name} is the {noun}?"
        self.line(f'{variable} = {patch}.simple_query("{what}")')
        return variable

    def extreme(self, patches: str, key: str, lowest: bool, name: str) -> str:
        """The patch for which `key`, an expression in `p`, is lowest or highest."""
        p = self.pick("p", "x", "q")
        expression = key.replace("{p}", p)
        match int(self._rng.integers(4)):
            case 0:
                reverse = "" if lowest else ", reverse=True"
                self.line(f"{patches}.sort(key=lambda {p}: {expression}{reverse})")
                self.line(f"{name} = {patches}[0]")
            case 1:
                self.line(f"ordered = sorted({patches}, key=lambda {p}: {expression})")
                self.line(f"{name} = ordered[{0 if lowest else -1}]")
            case _:
                self.line(f"{name} = {'min' if lowest else 'max'}({patches}, key=lambda {p}: {expression})")
        return name
