"""Nouns: each language's forms of a thing, once or several times. Sentences name the forms they need, as in {x.the}.

Where a verb or an adjective has to agree, a sentence lists the choices: {x:is|are} takes the first for one and the second
for several or none; a third is for none alone."""

from __future__ import annotations

from valley_training.sticker_world.things import THINGS

_ENGLISH_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SPANISH_NUMBERS = ("ningún", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez")
_GERMAN_NUMBERS = ("kein", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn")
_CHINESE_NUMBERS = ("", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")


class Noun:
    """A thing, `count` times. `several` is what agreement follows."""

    code = ""

    def __init__(self, thing: str, count: int = 1) -> None:
        self.entry = THINGS[thing].entries[self.code]
        self.count = count

    @property
    def several(self) -> bool:
        return self.count != 1

    def __format__(self, choices: str) -> str:
        if not choices:
            return str(self)
        options = choices.split("|")
        if self.count == 0 and len(options) > 2:
            return options[2]
        return options[1 if self.several else 0]


class English(Noun):
    """`a cat`, `the cat`, `cats`, `three cats`."""

    code = "en"

    @property
    def one(self) -> str:
        return self.entry.split("/")[0]

    @property
    def many(self) -> str:
        if "/" in self.entry:
            return self.entry.split("/")[1]
        one = self.entry
        if one.endswith("y") and one[-2] not in "aeiou":
            return one[:-1] + "ies"
        return one + ("es" if one.endswith(("s", "x", "ch", "sh")) else "s")

    def __str__(self) -> str:
        return self.many if self.several else self.one

    @property
    def counted(self) -> str:
        return f"{_ENGLISH_NUMBERS[self.count]} {self}"

    @property
    def a(self) -> str:
        if self.several:
            return self.counted
        # By sound: a unicorn, an hourglass, an X-ray.
        vowel = self.one[0].lower() in "aeiou" and not self.one.startswith("uni")
        return f"{'an' if vowel or self.one.startswith(('hour', 'X-')) else 'a'} {self.one}"

    @property
    def the(self) -> str:
        return f"the {self.counted}" if self.several else f"the {self.one}"


class Spanish(Noun):
    """`un gato`, `el gato`, `gatos`, `tres gatos`. Entries: m, f, fa (feminine with el), fp (feminine plural only)."""

    code = "es"

    def __init__(self, thing: str, count: int = 1) -> None:
        super().__init__(thing, count)
        self.gender, self._words = self.entry.split(" ", 1)

    @property
    def feminine(self) -> bool:
        return self.gender.startswith("f")

    @property
    def several(self) -> bool:
        return self.count != 1 or self.gender == "fp"

    @property
    def one(self) -> str:
        return self._words.split("/")[0]

    @property
    def many(self) -> str:
        if "/" in self._words:
            return self._words.split("/")[1]
        if self.gender == "fp":
            return self._words
        head, _, rest = self._words.partition(" ")
        # A noun with an adjective has its plural in the table; what follows `de` does not change.
        return f"{_spanish_plural(head)} {rest}".rstrip()

    def __str__(self) -> str:
        return self.many if self.several else self.one

    @property
    def counted(self) -> str:
        if self.gender == "fp" and self.count == 1:
            return f"unas {self.many}"
        if self.count in (0, 1):
            plain = _SPANISH_NUMBERS[self.count]
            return f"{plain if self.gender in ('m', 'fa') else plain.replace('ú', 'u') + 'a'} {self.one}"
        return f"{_SPANISH_NUMBERS[self.count]} {self.many}"

    @property
    def un(self) -> str:
        return self.counted

    @property
    def ningun(self) -> str:
        if self.gender == "fp":
            return f"ningunas {self.many}"
        return f"{'ningún' if self.gender in ('m', 'fa') else 'ninguna'} {self.one}"

    @property
    def el(self) -> str:
        if self.gender == "fp" and self.count == 1:
            return f"las {self.many}"
        if self.several:
            return f"{'las' if self.feminine else 'los'} {self.counted}"
        return f"{'el' if self.gender in ('m', 'fa') else 'la'} {self.one}"

    @property
    def del_(self) -> str:
        return f"de {self.el}".replace("de el ", "del ")

    @property
    def al(self) -> str:
        return f"a {self.el}".replace("a el ", "al ")

    @property
    def cuantos(self) -> str:
        return f"{'cuántas' if self.feminine else 'cuántos'} {self.many}"


def _spanish_plural(word: str) -> str:
    if word[-1] in "aeiouéáó":
        return word + "s"
    if word.endswith("z"):
        return word[:-1] + "ces"
    for accented, plain in (("ón", "on"), ("án", "an"), ("én", "en"), ("ín", "in"), ("ás", "as"), ("és", "es"), ("ús", "us")):
        if word.endswith(accented):
            return word[: -len(accented)] + plain + "es"
    return word + "es"


class German(Noun):
    """Cases of one, and of several: `ein Hund`, `einen Hund`, `den Hund`, `drei Hunde`. Entries: gender, `w` after it for
    nouns that end like their plural in all cases but the first (der Löwe, den Löwen)."""

    code = "de"

    def __init__(self, thing: str, count: int = 1) -> None:
        super().__init__(thing, count)
        mark, words = self.entry.split(" ", 1)
        self.gender, self._weak = mark[0], mark.endswith("w")
        self.one, self.many = words.split("/")

    def __str__(self) -> str:
        return self.many if self.several else self.one

    def _pick(self, masculine: str, feminine: str, neuter: str) -> str:
        return {"m": masculine, "f": feminine, "n": neuter}[self.gender]

    @property
    def _object(self) -> str:
        return self.many if self._weak else self.one

    @property
    def counted(self) -> str:
        if self.several:
            return f"{_GERMAN_NUMBERS[self.count]} {self.many}" if self.count else f"keine {self.many}"
        return self.ein

    @property
    def ein(self) -> str:
        return self.counted if self.several else f"{self._pick('ein', 'eine', 'ein')} {self.one}"

    @property
    def einen(self) -> str:
        return self.counted if self.several else f"{self._pick('einen', 'eine', 'ein')} {self._object}"

    @property
    def keinen(self) -> str:
        return f"keine {self.many}" if self.several else f"{self._pick('keinen', 'keine', 'kein')} {self._object}"

    @property
    def der(self) -> str:
        return f"die {self.counted}" if self.several else f"{self._pick('der', 'die', 'das')} {self.one}"

    @property
    def den(self) -> str:
        return f"die {self.counted}" if self.several else f"{self._pick('den', 'die', 'das')} {self._object}"

    @property
    def dem(self) -> str:
        if self.several:
            ending = "" if self.many.endswith(("n", "s")) else "n"
            return f"den {self.counted}{ending}"
        return f"{self._pick('dem', 'der', 'dem')} {self._object}"

    @property
    def er(self) -> str:
        return "sie" if self.several else self._pick("er", "sie", "es")

    @property
    def ihn(self) -> str:
        return "sie" if self.several else self._pick("ihn", "sie", "es")


class Chinese(Noun):
    """`猫`, `一只猫`, `三只猫`. Entries: measure word, then the noun."""

    code = "zh"

    def __init__(self, thing: str, count: int = 1) -> None:
        super().__init__(thing, count)
        self.measure, self.one = self.entry.split(" ", 1)

    def __str__(self) -> str:
        return self.one

    @property
    def counted(self) -> str:
        return f"{_CHINESE_NUMBERS[self.count]}{self.measure}{self.one}" if self.count else self.one

    @property
    def how_many(self) -> str:
        return f"几{self.measure}{self.one}"

    @property
    def the(self) -> str:
        return f"这{self.counted}" if self.several else self.one


NOUNS: dict[str, type[Noun]] = {noun.code: noun for noun in (English, Spanish, German, Chinese)}
