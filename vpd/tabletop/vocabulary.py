"""The words of the world: what a solid can be, and what can be printed on a card."""

from typing import Literal, get_args

Shape = Literal["cube", "sphere", "cylinder", "cone", "pyramid", "ring", "prism", "dome"]
Color = Literal["red", "orange", "yellow", "green", "blue", "purple", "pink", "gray"]
Material = Literal["rubber", "metal"]
Size = Literal["small", "medium", "large"]

SHAPES: tuple[Shape, ...] = get_args(Shape)
COLORS: tuple[Color, ...] = get_args(Color)
MATERIALS: tuple[Material, ...] = get_args(Material)
SIZES: tuple[Size, ...] = get_args(Size)

# Short, common words of distinct letters in capitals: legible on a card some forty pixels wide.
WORDS: tuple[str, ...] = (
    "APPLE", "BAKERY", "BANK", "BEACH", "BIRD", "BOOK", "BREAD", "BRIDGE", "CAFE", "CAKE", "CAMERA", "CANDLE",
    "CASTLE", "CHAIR", "CHEESE", "CLOCK", "CLOUD", "COFFEE", "CORN", "DANCE", "DESERT", "DOOR", "DRUM", "EAGLE",
    "EARTH", "ENGINE", "EXIT", "FARM", "FERRY", "FIELD", "FISH", "FLOWER", "FOREST", "FRUIT", "GARDEN", "GRAPE",
    "GUITAR", "HARBOR", "HELLO", "HONEY", "HORSE", "HOTEL", "HOUSE", "ISLAND", "JACKET", "JUICE", "KITCHEN",
    "LADDER", "LEMON", "LIGHT", "LUNCH", "MANGO", "MARKET", "MELON", "MENU", "METRO", "MUSEUM", "MUSIC", "NIGHT",
    "NORTH", "OCEAN", "OPEN", "ORCHID", "PAPER", "PARK", "PEACH", "PIANO", "PLANET", "QUEEN", "RADIO", "RIVER",
    "ROCKET", "SALE", "SCHOOL", "SHIP", "SILVER", "SOUTH", "SPRING", "STAR", "STATION", "STONE", "SUGAR",
    "SUMMER", "TABLE", "TAXI", "TIGER", "TOWER", "TRAIN", "TULIP", "VALLEY", "WATER", "WHALE", "WINDOW", "WINTER",
)  # fmt: skip
