"""A text as the company file writes it: one for everybody, or a map {zh: ..., en: ...}."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """Words in one or both languages. `plain` is set when no language was named, `zh` and `en` otherwise."""

    plain: str | None = None
    zh: str | None = None
    en: str | None = None

    @classmethod
    def of(cls, raw: str | Mapping[str, str]) -> Self:
        """From what a file or a JSON column holds. Raises ValueError."""
        if isinstance(raw, str):
            return cls(plain=raw)
        if not raw or set(raw) - set(LANGUAGES):
            raise ValueError(f"not a text: {raw!r}")
        return cls(zh=raw.get("zh"), en=raw.get("en"))

    @property
    def raw(self) -> str | dict[str, str]:
        """As the company file writes it."""
        if self.plain is not None:
            return self.plain
        return {key: said for key, said in (("zh", self.zh), ("en", self.en)) if said is not None}

    def say(self, language: str) -> str:
        """In that language, or in the one there is."""
        if self.plain is not None:
            return self.plain
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first if first is not None else second or ""

    @property
    def all(self) -> tuple[str, ...]:
        """Every wording, for finding somebody or something by name."""
        return tuple(one for one in (self.plain, self.zh, self.en) if one is not None)

    def __str__(self) -> str:
        return self.say("zh")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read from text or map, written back as it was read."""
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(lambda text: text.raw)
        )

    @classmethod
    def _read(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and value.strip():
            return cls(plain=value)
        if isinstance(value, Mapping):
            strange = [key for key in value if key not in LANGUAGES]
            if strange:
                raise PydanticCustomError(
                    "unknown_language", "unknown language", {"given": str(strange[0]), "valid": list(LANGUAGES)}
                )
            if value and all(isinstance(said, str) and said.strip() for said in value.values()):
                return cls(zh=value.get("zh"), en=value.get("en"))
        raise PydanticCustomError("not_text", "not a text")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """One text, or one for each language."""
        words = {"type": "string", "minLength": 1}
        both = {"zh": words, "en": words}
        return {
            "anyOf": [words, {"type": "object", "properties": both, "additionalProperties": False, "minProperties": 1}]
        }
