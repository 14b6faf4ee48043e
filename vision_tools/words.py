"""What English nouns mean to a detector: plurals, synonyms, kinds, and adjectives of the same sort.

Everything is written in the form `phrases.words_of` gives: lower case, singular, no hyphens.
"""

IRREGULAR_PLURALS = {
    "people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "geese": "goose", "oxen": "ox", "dice": "die", "knives": "knife", "leaves": "leaf",
    "shelves": "shelf", "loaves": "loaf", "wolves": "wolf", "calves": "calf", "halves": "half",
    "scarves": "scarf", "wives": "wife", "lives": "life", "thieves": "thief", "hooves": "hoof",
    "buses": "bus", "lenses": "lens", "cookies": "cookie", "movies": "movie", "hoodies": "hoodie",
    "selfies": "selfie", "shoes": "shoe", "toes": "toe", "canoes": "canoe", "hoes": "hoe", "axes": "axe",
    "canvases": "canvas", "skis": "ski", "taxis": "taxi", "gases": "gas", "irises": "iris",
}  # fmt: skip

ENDS_IN_S = {"lens", "canvas", "gas", "iris", "bus", "christmas", "chess", "species", "series"}
"""Singular words that the rules for plurals would cut."""

# The first of each group stands for all of it.
_SYNONYMS = (
    ("person", "human", "human being", "individual", "people"),
    ("man", "guy", "gentleman"),
    ("woman", "lady"),
    ("child", "kid"),
    ("baby", "infant"),
    ("cow", "cattle"),
    ("bicycle", "bike", "push bike", "pushbike", "pedal bike"),
    ("motorcycle", "motorbike", "motor bike", "motor cycle"),
    ("car", "automobile"),
    ("truck", "lorry"),
    ("airplane", "aeroplane", "plane", "aircraft"),
    ("traffic light", "stoplight", "stop light", "traffic signal"),
    ("couch", "sofa", "settee"),
    ("dining table", "diningtable", "dinner table"),
    ("potted plant", "pottedplant", "pot plant", "houseplant", "house plant"),
    ("tv", "television", "tvmonitor", "tv monitor", "tv set", "television set"),
    ("cell phone", "cellphone", "mobile phone", "mobile", "smartphone", "smart phone"),
    ("phone", "telephone"),
    ("laptop", "laptop computer", "notebook computer"),
    ("mouse", "computer mouse"),
    ("keyboard", "computer keyboard"),
    ("remote", "remote control", "remote controller", "tv remote"),
    ("refrigerator", "fridge"),
    ("hair drier", "hair dryer", "hairdryer", "hairdrier", "blow dryer"),
    ("donut", "doughnut"),
    ("hot dog", "hotdog"),
    ("tie", "necktie", "neck tie"),
    ("handbag", "purse"),
    ("backpack", "rucksack", "knapsack"),
    ("teddy bear", "teddy"),
    ("sink", "washbasin", "wash basin", "washbowl"),
    ("bookshelf", "bookcase"),
    ("photo", "photograph"),
    ("trash can", "garbage can", "rubbish bin", "dustbin"),
    ("utensil", "cutlery", "silverware"),
    ("wine glass", "wineglass"),
    ("cuboid", "rectangular prism"),
)
SYNONYM = {other: group[0] for group in _SYNONYMS for other in group[1:]}

KINDS: dict[str, frozenset[str]] = {
    "animal": frozenset({"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra",
         "giraffe", "lion", "tiger", "monkey", "rabbit", "pig", "goat", "deer", "fish", "duck", "chicken",
         "frog", "snake", "turtle", "wolf", "fox", "squirrel", "camel", "penguin", "kitten",
         "puppy", "pet"}),
    "pet": frozenset({"cat", "dog"}),
    "canine": frozenset({"dog", "wolf", "fox", "puppy"}),
    "feline": frozenset({"cat", "lion", "tiger", "kitten"}),
    "cat": frozenset({"kitten"}),
    "dog": frozenset({"puppy"}),
    "bird": frozenset({"duck", "chicken", "penguin", "flamingo", "pigeon", "goose"}),
    "person": frozenset({"man", "woman", "child", "boy", "girl", "baby", "adult", "toddler"}),
    "adult": frozenset({"man", "woman"}),
    "child": frozenset({"boy", "girl", "baby", "toddler"}),
    "vehicle": frozenset(
        {"car", "truck", "bus", "bicycle", "motorcycle", "train", "airplane", "boat", "van", "scooter",
         "helicopter", "tram", "ship"}
    ),
    "furniture": frozenset(
        {"chair", "couch", "bed", "table", "dining table", "desk", "bench", "bookshelf", "cabinet", "dresser",
         "wardrobe", "stool", "armchair"}
    ),
    "seat": frozenset({"chair", "couch", "bench", "stool", "armchair"}),
    "food": frozenset(
        {"banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
         "fruit", "vegetable", "bread", "hamburger"}
    ),
    "fruit": frozenset({"banana", "apple", "orange", "pear", "lemon", "grape", "strawberry"}),
    "vegetable": frozenset({"broccoli", "carrot", "potato", "tomato"}),
    "utensil": frozenset({"fork", "knife", "spoon"}),
    "appliance": frozenset({"microwave", "oven", "toaster", "refrigerator", "stove", "dishwasher"}),
    "electronic device": frozenset({"tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "computer"}),
    "computer": frozenset({"laptop"}),
    "phone": frozenset({"cell phone"}),
    "bag": frozenset({"handbag", "backpack", "suitcase"}),
    "luggage": frozenset({"suitcase"}),
    "toy": frozenset({"teddy bear"}),
    "stuffed animal": frozenset({"teddy bear"}),
    "plant": frozenset({"potted plant", "tree", "flower"}),
    "shape": frozenset(
        {"circle", "square", "triangle", "rectangle", "ellipse", "pentagon", "hexagon", "star", "cube",
         "sphere", "cylinder", "cone", "pyramid", "cuboid", "torus"}
    ),
    "block": frozenset({"square", "cube", "cuboid", "brick"}),
    "ball": frozenset({"sphere"}),
}  # fmt: skip
"""What a general noun may be called more closely: `vehicle` is also said of every car."""

PERSON_WORDS = frozenset({"man", "woman", "boy", "girl", "child", "adult"})
"""Found as `person` where nothing closer is annotated, as most data sets know only persons."""

NOT_THEIR_LAST_WORD = frozenset({"hot dog", "teddy bear", "toy animal", "toy car", "sea horse", "jelly fish"})
"""Compounds that are no kind of what their last word names: a hot dog is no dog."""

ANYTHING = frozenset({"object", "item", "thing", "entity", "something", "anything", "stuff"})

_ADJECTIVE_SYNONYMS = (
    ("grey", "gray"),
    ("purple", "violet"),
    ("big", "large", "huge", "biggest", "largest"),
    ("small", "little", "tiny", "smallest"),
    ("medium", "medium sized", "mid sized", "middle sized"),
    ("metal", "metallic", "shiny"),
    ("rubber", "matte"),
    ("wood", "wooden"),
)
ADJECTIVE = {other: group[0] for group in _ADJECTIVE_SYNONYMS for other in group[1:]}

SORT_OF_ADJECTIVE = {
    adjective: sort
    for sort, adjectives in {
        "colour": "red green blue yellow black white grey brown orange purple pink cyan magenta beige gold "
        "silver tan turquoise maroon navy",
        "size": "small medium big",
        "material": "metal rubber wood glass plastic paper stone leather",
    }.items()
    for adjective in adjectives.split()
}
"""Adjectives that exclude each other: what is annotated as blue is not red."""
