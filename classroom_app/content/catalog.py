"""What a class can be made of: class templates with labels, animal groups, pictures of the picture code.
Data and pure look-ups only; it knows nothing of database, pages or languages' grammar.

Japanese names carry furigana as `{base|reading}`; whoever shows them turns that into ruby or into kana.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

WHITE_INK = "#ffffff"
DARK_INK = "#2b2420"  # the theme's text colour
PAPER = "#fffaf2"  # the theme's background
_SEEN_ON_PAPER = 3.05  # a little above the 3 that WCAG wants of what carries meaning
PICTURE_CODE_LENGTH = 4


class TwoNames:
    """What has a name in both languages."""

    __slots__ = ()
    name_ja: str
    name_en: str

    def name(self, lang: str) -> str:
        return self.name_en if lang == "en" else self.name_ja


@dataclass(frozen=True, slots=True)
class LabelTemplate(TwoNames):
    """One kind of thing the AI learns. The key names its folder in a ZIP of challenge photos."""

    key: str
    emoji: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ClassTemplate(TwoNames):
    """A ready-made class; the hint tells the facilitator what to bring. Children see its labels alone."""

    key: str
    emoji: str
    name_ja: str
    name_en: str
    hint_ja: str
    hint_en: str
    labels: tuple[LabelTemplate, ...]

    def hint(self, lang: str) -> str:
        return self.hint_en if lang == "en" else self.hint_ja


@dataclass(frozen=True, slots=True)
class GroupTemplate(TwoNames):
    """An animal that stands for a group. `color` is a background; text on it takes `ink`."""

    key: str
    emoji: str
    color: str
    name_ja: str
    name_en: str

    @property
    def ink(self) -> str:
        return ink_on(self.color)

    @property
    def deep(self) -> str:
        return deep(self.color)


@dataclass(frozen=True, slots=True)
class Picture(TwoNames):
    """One of the nine buttons with which a group without a QR code says its picture code."""

    key: str
    emoji: str
    name_ja: str
    name_en: str


CLASS_TEMPLATES: tuple[ClassTemplate, ...] = (
    ClassTemplate(
        "rps",
        "✊",
        "じゃんけん",
        "Rock, paper, scissors",
        "手だけでできます。背景や手の向きを変えて撮ります。",
        "Hands are all you need. Change the background and how the hand is turned.",
        (
            LabelTemplate("rock", "✊", "グー", "Rock"),
            LabelTemplate("scissors", "✌️", "チョキ", "Scissors"),
            LabelTemplate("paper", "✋", "パー", "Paper"),
        ),
    ),
    ClassTemplate(
        "stationery",
        "✏️",
        "文房具",
        "Stationery",
        "筆箱の中身でできます。色や形の違うものをたくさん集めます。",
        "What is in a pencil case will do. Collect many colours and shapes.",
        (
            LabelTemplate("pencil", "✏️", "えんぴつ", "Pencil"),
            LabelTemplate("scissors", "✂️", "はさみ", "Scissors"),
            LabelTemplate("ruler", "📏", "じょうぎ", "Ruler"),
            LabelTemplate("crayon", "🖍️", "クレヨン", "Crayon"),
            LabelTemplate("paperclip", "📎", "クリップ", "Paper clip"),
        ),
    ),
    ClassTemplate(
        "fruit",
        "🍎",
        "くだもの",
        "Fruit",
        "本物でも模型でもできます。丸ごとと切ったもの、両方を撮ります。",
        "Real fruit or toys. Take whole ones and cut ones.",
        (
            LabelTemplate("apple", "🍎", "りんご", "Apple"),
            LabelTemplate("banana", "🍌", "バナナ", "Banana"),
            LabelTemplate("orange", "🍊", "みかん", "Orange"),
        ),
    ),
    ClassTemplate(
        "school",
        "🎒",
        "学校のもの",
        "School things",
        "教室にあるものでできます。名前が写らないようにします。",
        "Things from the classroom. Keep names out of the picture.",
        (
            LabelTemplate("bag", "🎒", "かばん", "School bag"),
            LabelTemplate("book", "📖", "{本|ほん}", "Book"),
            LabelTemplate("shoe", "👟", "くつ", "Shoe"),
            LabelTemplate("ball", "⚽", "ボール", "Ball"),
        ),
    ),
    ClassTemplate(
        "origami",
        "🟥",
        "折り紙の色",
        "Origami colours",
        "折り紙を用意します。明るさが変わると、色の見え方も変わります。",
        "Bring origami paper. How does a colour look when the light changes?",
        (
            LabelTemplate("red", "🟥", "{赤|あか}", "Red"),
            LabelTemplate("blue", "🟦", "{青|あお}", "Blue"),
            LabelTemplate("yellow", "🟨", "{黄色|きいろ}", "Yellow"),
            LabelTemplate("green", "🟩", "{緑|みどり}", "Green"),
            LabelTemplate("purple", "🟪", "むらさき", "Purple"),
        ),
    ),
    ClassTemplate(
        "leaves",
        "🍁",
        "はっぱ",
        "Leaves",
        "外で拾った葉でできます。裏と表、両方を撮ります。",
        "Leaves found outside. Take the front and the back.",
        (
            LabelTemplate("maple", "🍁", "もみじ", "Maple leaf"),
            LabelTemplate("fallen", "🍂", "おちば", "Fallen leaf"),
            LabelTemplate("clover", "🍀", "クローバー", "Clover"),
        ),
    ),
    ClassTemplate(
        "recycling",
        "♻️",
        "ごみの分別",
        "Sorting waste",
        "洗った容器を集めます。割れたガラスや缶の縁に気をつけてください。",
        "Collect washed containers. Mind broken glass and the edges of cans.",
        (
            LabelTemplate("cardboard", "📦", "ダンボール", "Cardboard"),
            LabelTemplate("glass", "🫙", "ガラスびん", "Glass"),
            LabelTemplate("metal", "🥫", "かん・{金|きん}ぞく", "Metal"),
            LabelTemplate("paper", "📰", "{紙|かみ}", "Paper"),
            LabelTemplate("plastic", "🥤", "プラスチック", "Plastic"),
            LabelTemplate("trash", "🗑️", "そのほかの ごみ", "Other waste"),
        ),
    ),
    ClassTemplate(
        "drawn_faces",
        "😀",
        "絵に描いた顔",
        "Drawn faces",
        "紙に顔を描いて撮ります。人の顔は撮りません。",
        "Draw faces on paper and take those. No faces of people.",
        (
            LabelTemplate("happy", "😀", "にこにこ", "Happy"),
            LabelTemplate("sad", "😢", "しくしく", "Sad"),
            LabelTemplate("angry", "😠", "ぷんぷん", "Angry"),
        ),
    ),
)

# In an order in which the first few are as far apart in colour as can be: a class of six uses the first six.
GROUP_TEMPLATES: tuple[GroupTemplate, ...] = (
    GroupTemplate("penguin", "🐧", "#1f5fb4", "ペンギン", "Penguins"),
    GroupTemplate("lion", "🦁", "#f5c518", "ライオン", "Lions"),
    GroupTemplate("frog", "🐸", "#1b7f3b", "かえる", "Frogs"),
    GroupTemplate("octopus", "🐙", "#c9184a", "たこ", "Octopuses"),
    GroupTemplate("rabbit", "🐰", "#ff9ecf", "うさぎ", "Rabbits"),
    GroupTemplate("dolphin", "🐬", "#35cff0", "いるか", "Dolphins"),
    GroupTemplate("unicorn", "🦄", "#7a4bc9", "ユニコーン", "Unicorns"),
    GroupTemplate("fox", "🦊", "#c2500a", "きつね", "Foxes"),
    GroupTemplate("panda", "🐼", "#3c3f4a", "パンダ", "Pandas"),
    GroupTemplate("parrot", "🦜", "#3ccf6e", "オウム", "Parrots"),
    GroupTemplate("elephant", "🐘", "#aebcf0", "ぞう", "Elephants"),
    GroupTemplate("bear", "🐻", "#6b4a12", "くま", "Bears"),
    GroupTemplate("turtle", "🐢", "#0f6b6b", "かめ", "Turtles"),
    GroupTemplate("tiger", "🐯", "#ff9440", "とら", "Tigers"),
    GroupTemplate("koala", "🐨", "#93a4ab", "コアラ", "Koalas"),
    GroupTemplate("cat", "🐱", "#ffc9b0", "ねこ", "Cats"),
    GroupTemplate("owl", "🦉", "#6d1a6d", "ふくろう", "Owls"),
    GroupTemplate("pig", "🐷", "#e86aa6", "ぶた", "Pigs"),
    GroupTemplate("whale", "🐳", "#6f8ff5", "くじら", "Whales"),
    GroupTemplate("giraffe", "🦒", "#b59a1e", "きりん", "Giraffes"),
)

# No animals, so that nobody takes a code for a group; each differs from the others in shape and in colour.
PICTURES: tuple[Picture, ...] = (
    Picture("apple", "🍎", "りんご", "Apple"),
    Picture("star", "⭐", "ほし", "Star"),
    Picture("fish", "🐟", "さかな", "Fish"),
    Picture("clover", "🍀", "クローバー", "Clover"),
    Picture("rainbow", "🌈", "にじ", "Rainbow"),
    Picture("ball", "⚽", "ボール", "Ball"),
    Picture("rocket", "🚀", "ロケット", "Rocket"),
    Picture("house", "🏠", "いえ", "House"),
    Picture("key", "🔑", "かぎ", "Key"),
)

MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}  # by rank
# Of the day, in its order; screen and paper draw them alike.
PHASE_EMOJI = {"lobby": "🚪", "collect": "📷", "final": "⏰", "reveal": "🏆", "closed": "👋"}

# Drawings for instructions: look with the camera, tap, grow the AI, cut here.
INSTRUCTION_EMOJI = ("📷", "👆", "🤖", "✂️")

_CLASSES = {template.key: template for template in CLASS_TEMPLATES}
_PICTURES = {picture.key: picture for picture in PICTURES}


def class_template(key: str) -> ClassTemplate | None:
    return _CLASSES.get(key)


def picture(key: str) -> Picture | None:
    return _PICTURES.get(key)


def groups_for(count: int) -> tuple[GroupTemplate, ...]:
    """The first `count` animals. More groups than animals get a number: ペンギン2, Penguins 2."""
    size = len(GROUP_TEMPLATES)
    rounds = enumerate(islice(cycle(GROUP_TEMPLATES), max(count, 0)))
    return tuple(_numbered(group, 1 + index // size) for index, group in rounds)


def group_of_key(key: str) -> GroupTemplate | None:
    """The animal of a group's key, such as `penguin-2`."""
    name, _, number = key.partition("-")
    template = next((group for group in GROUP_TEMPLATES if group.key == name), None)
    if template is None or (number and not number.isdecimal()):
        return None
    return _numbered(template, int(number or 1))


def _numbered(group: GroupTemplate, number: int) -> GroupTemplate:
    if number == 1:
        return group
    return GroupTemplate(
        f"{group.key}-{number}",
        group.emoji,
        group.color,
        f"{group.name_ja}{number}",
        f"{group.name_en} {number}",
    )


def drawing_address(emoji: str) -> str:
    """Of an emoji's drawing, on this site."""
    return f"/assets/emoji/{emoji_file(emoji)}"


def emoji_file(emoji: str) -> str:
    """The name of an emoji's drawing in assets/emoji: `🐧` -> `1f427.svg`."""
    # U+FE0F only asks for the coloured form; the drawings are coloured anyway.
    return "-".join(f"{ord(char):x}" for char in emoji if char != "\ufe0f") + ".svg"


ROBOT_ADDRESS = drawing_address("🤖")  # the AI itself, wherever it is shown


def all_emoji() -> frozenset[str]:
    """Every emoji of this catalogue; assets/emoji holds a drawing of each."""
    classes = {template.emoji for template in CLASS_TEMPLATES}
    labels = {label.emoji for template in CLASS_TEMPLATES for label in template.labels}
    groups = {group.emoji for group in GROUP_TEMPLATES}
    pictures = {item.emoji for item in PICTURES}
    return frozenset(classes | labels | groups | pictures).union(INSTRUCTION_EMOJI, PHASE_EMOJI.values())


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two `#rrggbb` colours: 1 (none) to 21; text needs 4.5."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(color: str) -> str:
    """The text colour that reads better on this background."""
    return max((WHITE_INK, DARK_INK), key=lambda ink: contrast(ink, color))


def deep(color: str) -> str:
    """The same hue, dark enough for bars, rings and frames on paper; one that is stays as it is.

    `accentOf` in common/paint.js does the same.
    """
    channels = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
    found = color
    while contrast(found, PAPER) < _SEEN_ON_PAPER:
        channels = [channel * 97 // 100 for channel in channels]
        found = "#" + "".join(f"{channel:02x}" for channel in channels)
    return found


def _luminance(color: str) -> float:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
