"""The program language inside the sandbox: the classes and functions that `api.pyi` declares.

Runs in the sandbox's own interpreter, after `prelude_runtime.py`, and as it stands in CPython, where the
fidelity benchmark holds the two against each other. Only `_vpd_tool` leaves the sandbox.

A region is `(image, left, lower, right, upper, category, confidence)`, origin bottom left. Names that begin
with `_vpd_` are refused in programs; builtins are used under such names, because a program may redefine them.
"""


def _vpd_text(value, method, parameter):
    if _vpd_type(value) is not _vpd_str:
        raise _vpd_TypeError(
            method + "() takes " + parameter + " as a string, not " + _vpd_type(value).__name__
        )
    return value


def _vpd_texts(value, method, parameter):
    if _vpd_type(value) is _vpd_str:
        return [value]
    return [_vpd_text(text, method, parameter) for text in value]


def _vpd_region(image, left, lower, right, upper):
    """The part of an image or patch, in coordinates of the whole image, clipped to the image."""
    if _vpd_type(image) is not _vpd_ImagePatch:
        raise _vpd_TypeError("ImagePatch() takes an image or a patch, not " + _vpd_type(image).__name__)
    region = image._vpd_patch
    if left is None and lower is None and right is None and upper is None:
        return region
    width, height = _vpd_sizes[region[0]]
    left = region[1] if left is None else _vpd_max(_vpd_int(left), 0)
    lower = region[2] if lower is None else _vpd_max(_vpd_int(lower), 0)
    right = region[3] if right is None else _vpd_min(_vpd_int(right), width)
    upper = region[4] if upper is None else _vpd_min(_vpd_int(upper), height)
    if left >= right or lower >= upper:
        raise _vpd_ValueError("ImagePatch has no area")
    return (region[0], left, lower, right, upper, "", 1.0)


class ImagePatch:
    def __init__(self, image, left=None, lower=None, right=None, upper=None):
        region = left if image is _vpd_made else _vpd_region(image, left, lower, right, upper)
        self._vpd_patch = region
        image, left, lower, right, upper, self.category, self.confidence = region
        self.left = left
        self.lower = lower
        self.right = right
        self.upper = upper
        self.width = right - left
        self.height = upper - lower
        self.horizontal_center = (left + right) / 2
        self.vertical_center = (lower + upper) / 2

    def __repr__(self):
        return f"ImagePatch({self.left}, {self.lower}, {self.right}, {self.upper})"

    def find(self, object_name):
        _vpd_text(object_name, "find", "object_name")
        found = _vpd_tool("find", self._vpd_patch, object_name)
        return [_vpd_ImagePatch(_vpd_made, region) for region in found]

    def exists(self, object_name):
        return _vpd_tool("exists", self._vpd_patch, _vpd_text(object_name, "exists", "object_name"))

    def verify_property(self, object_name, visual_property):
        _vpd_text(object_name, "verify_property", "object_name")
        _vpd_text(visual_property, "verify_property", "visual_property")
        return _vpd_tool("verify_property", self._vpd_patch, object_name, visual_property)

    def best_text_match(self, option_list, prefix=None):
        options = _vpd_texts(option_list, "best_text_match", "option_list")
        if not options:
            raise _vpd_ValueError("best_text_match() needs at least one option")
        if prefix is not None:
            _vpd_text(prefix, "best_text_match", "prefix")
        return _vpd_tool("best_text_match", self._vpd_patch, options, prefix)

    def simple_query(self, question=None):
        question = "What is this?" if question is None else question
        return _vpd_tool("simple_query", self._vpd_patch, _vpd_text(question, "simple_query", "question"))

    def read_text(self):
        return _vpd_tool("read_text", self._vpd_patch)

    def find_text(self, text=None):
        if text is not None:
            _vpd_text(text, "find_text", "text")
        found = _vpd_tool("find_text", self._vpd_patch, text)
        return [_vpd_ImagePatch(_vpd_made, region) for region in found]

    def compute_depth(self):
        return _vpd_tool("compute_depth", self._vpd_patch)

    def crop(self, left, lower, right, upper):
        return _vpd_ImagePatch(self, left, lower, right, upper)

    def overlaps_with(self, left, lower, right, upper):
        return self.left < right and self.right > left and self.lower < upper and self.upper > lower

    def llm_query(self, question, long_answer=True):
        _vpd_text(question, "llm_query", "question")
        return _vpd_tool("llm_query", self._vpd_patch, question, None, _vpd_bool(long_answer))


class VideoSegment:
    def __init__(self, video, start=None, end=None):
        if video is _vpd_made:
            first, last = start, end
        elif _vpd_type(video) is _vpd_VideoSegment:
            length = video._vpd_end - video._vpd_start
            first = 0 if start is None else _vpd_min(_vpd_max(_vpd_int(start), 0), length)
            last = length if end is None else _vpd_min(_vpd_max(_vpd_int(end), first), length)
            first, last = video._vpd_start + first, video._vpd_start + last
        else:
            raise _vpd_TypeError("VideoSegment() takes a video, not " + _vpd_type(video).__name__)
        self._vpd_start = first
        self._vpd_end = last
        self.start = first
        self.end = last
        self.num_frames = last - first

    def __repr__(self):
        return f"VideoSegment({self.start}, {self.end})"

    def frame_from_index(self, index):
        count = self._vpd_end - self._vpd_start
        index = _vpd_int(index)
        if index < -count or index >= count:
            raise _vpd_IndexError(f"the video has {count} frames; there is no frame {index}")
        return _vpd_image(self._vpd_start + index % count)

    def frame_iterator(self):
        return [_vpd_image(index) for index in _vpd_range(self._vpd_start, self._vpd_end)]

    def trim(self, start=None, end=None):
        return _vpd_VideoSegment(self, start, end)

    def select_frames(self, description, count=1):
        _vpd_text(description, "select_frames", "description")
        found = _vpd_tool(
            "select_frames", None, description, _vpd_int(count), self._vpd_start, self._vpd_end
        )
        return [_vpd_ImagePatch(_vpd_made, region) for region in found]


def best_image_match(list_patches, content, return_index=False):
    patches = _vpd_list(list_patches)
    if not patches:
        return None
    for patch in patches:
        if _vpd_type(patch) is not _vpd_ImagePatch:
            raise _vpd_TypeError("best_image_match() takes patches, not " + _vpd_type(patch).__name__)
    content = _vpd_texts(content, "best_image_match", "content")
    index = _vpd_tool("best_image_match", None, [patch._vpd_patch for patch in patches], content)
    return index if return_index else patches[index]


def distance(patch_a, patch_b):
    if _vpd_type(patch_a) is not _vpd_ImagePatch or _vpd_type(patch_b) is not _vpd_ImagePatch:
        return _vpd_abs(patch_a - patch_b)
    across = _vpd_max(patch_a.left - patch_b.right, patch_b.left - patch_a.right, 0)
    along = _vpd_max(patch_a.lower - patch_b.upper, patch_b.lower - patch_a.upper, 0)
    if across or along:
        return (across * across + along * along) ** 0.5
    # Overlapping: minus the intersection over union, as in ViperGPT. Touching: 0.
    width = _vpd_min(patch_a.right, patch_b.right) - _vpd_max(patch_a.left, patch_b.left)
    height = _vpd_min(patch_a.upper, patch_b.upper) - _vpd_max(patch_a.lower, patch_b.lower)
    shared = width * height
    return 0.0 if shared == 0 else -shared / (patch_a.width * patch_a.height + patch_b.width * patch_b.height - shared)


def bool_to_yesno(bool_answer):
    return "yes" if bool_answer else "no"


def coerce_to_numeric(string, no_string=False):
    """As in `api.pyi`; `no_string` is accepted and ignored, as it is in ViperGPT's own programs."""
    if _vpd_type(string) in (_vpd_int, _vpd_float, _vpd_bool):
        return _vpd_float(string)
    number = _vpd_first_number(_vpd_text(string, "coerce_to_numeric", "string"))
    if number is None:
        raise _vpd_ValueError(f"there is no number in {string!r}")
    return number


_vpd_NUMBER_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
}


def _vpd_first_number(string):
    for word in _vpd_findall(r"-?\d+(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?|-?\.\d+|[A-Za-z]+", string):
        if word.lower() in _vpd_NUMBER_WORDS:
            return _vpd_float(_vpd_NUMBER_WORDS[word.lower()])
        if not word.isalpha():
            return _vpd_float(word.replace(",", ""))
    return None


def llm_query(query, context=None, long_answer=False):
    _vpd_text(query, "llm_query", "query")
    if context is not None:
        _vpd_text(context, "llm_query", "context")
    return _vpd_tool("llm_query", None, query, context, _vpd_bool(long_answer))


def _vpd_image(index):
    width, height = _vpd_sizes[index]
    return _vpd_ImagePatch(_vpd_made, (index, 0, 0, width, height, "", 1.0))


_vpd_ImagePatch = ImagePatch
_vpd_VideoSegment = VideoSegment
