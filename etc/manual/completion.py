"""Completion for bash, zsh and fish as plain tables, so that a TAB starts nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from etc.manual.tree import Command, Word
from paranad.cli.artisan import COMMON, LISTED

BASH = """\
_{program}() {{
    local cur prev words cword word at= values=
    _get_comp_words_by_ref -n : cur prev words cword
    for word in "${{words[@]:1:cword-1}}"; do
        case "${{at:+$at }}$word" in
            {paths}) at="${{at:+$at }}$word" ;;
        esac
    done
    case "$at|$prev" in
{values}
        *) case "$at" in
{offers}
        esac ;;
    esac
    if [[ $values == FILES ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
        __ltrim_colon_completions "$cur"
    fi
}}
complete -F _{program} {program}
"""

ZSH = """\
#compdef {program}
_{program}() {{
    local word at=
    local -a offers paths=({paths})
    for word in ${{words[2,CURRENT-1]}}; do
        (( ${{paths[(Ie)${{at:+$at }}$word]}} )) && at="${{at:+$at }}$word"
    done
    case "$at|$words[CURRENT-1]" in
{values}
        *) case "$at" in
{offers}
        esac ;;
    esac
    if [[ $offers == FILES ]]; then _files; else _describe '{program}' offers; fi
}}
_{program} "$@"
"""

FISH = """\
function __{program}_at
    set -l at
    for word in (commandline -opc)[2..-1]
        contains -- "$at $word" {paths}; and set at "$at $word"
    end
    test "$at" = "$argv[1]"
end
complete -c {program} -f
{offers}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """What may come after a command."""

    at: str
    """Its words after the program's name."""
    offers: Mapping[str, str]
    """Words and what they mean."""
    options: tuple[Word, ...]
    """Those that take a value."""
    takes_file: bool


def places(program: Command) -> Iterator[Place]:
    """Yield every place of the program; its common options may stand everywhere."""
    for command in program.walk():
        everywhere = (option for option in program.options if option.names[0] in COMMON)
        alone = command.commands if command.name in LISTED else ()
        listing = (option for below in alone if below.name == "list" for option in below.options)
        options = dict.fromkeys((*command.options, *listing, *everywhere))
        offers = {below.name: below.help for below in command.commands}
        offers |= {choice: word.help for word in command.arguments for choice in word.choices}
        offers |= {option.names[-1]: option.help for option in options}
        yield Place(
            at=" ".join(command.path[1:]),
            offers=offers,
            options=tuple(option for option in options if option.value),
            takes_file=any(word.is_file for word in command.arguments),
        )


def bash(program: Command) -> str:
    """Return the completion for bash."""
    found = list(places(program))
    offers = [(place.at, "FILES" if place.takes_file else " ".join(place.offers)) for place in found]
    return BASH.format(
        program=program.name,
        paths="|".join(f'"{place.at}"' for place in found if place.at),
        values="\n".join(f'        "{at}|{name}") values="{values}" ;;' for at, name, values in _values(found, " ")),
        offers="\n".join(f'            "{at}") values="{words}" ;;' for at, words in offers),
    )


def _values(found: list[Place], between: str) -> Iterator[tuple[str, str, str]]:
    """Yield place, option and what its value may be."""
    for place in found:
        for option in place.options:
            for name in option.names:
                yield place.at, name, "FILES" if option.is_file else between.join(option.choices)


def zsh(program: Command) -> str:
    """Return the completion for zsh."""
    found = list(places(program))
    offers = [(place.at, "FILES" if place.takes_file else _described(place.offers)) for place in found]
    return ZSH.format(
        program=program.name,
        paths=" ".join(f"'{place.at}'" for place in found if place.at),
        values="\n".join(
            f"        '{at}|{name}') offers=({values.replace(':', chr(92) * 2 + ':')}) ;;"
            for at, name, values in _values(found, " ")
        ),
        offers="\n".join(f"            '{at}') offers=({words}) ;;" for at, words in offers),
    )


def _described(offers: Mapping[str, str]) -> str:
    return " ".join(_quoted(f"{word.replace(':', chr(92) + ':')}:{_short(words)}") for word, words in offers.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _short(words: str) -> str:
    return " ".join(words.split()).partition(". ")[0].rstrip(".")


def fish(program: Command) -> str:
    """Return the completion for fish."""
    found = list(places(program))
    return FISH.format(
        program=program.name,
        paths=" ".join(f"' {place.at}'" for place in found if place.at),
        offers="\n".join(line for place in found for line in _fish_lines(program.name, place)),
    )


def _fish_lines(program: str, place: Place) -> Iterator[str]:
    here = f"complete -c {program} -n \"__{program}_at '{' ' * bool(place.at)}{place.at}'\""
    if place.takes_file:
        yield f"{here} -F"
    valued = {name: option for option in place.options for name in option.names}
    for word, words in place.offers.items():
        described = f"-d {_fish_quoted(_short(words))}"
        if not word.startswith("--"):
            yield f"{here} -a {_fish_quoted(word)} {described}"
        elif option := valued.get(word):
            values = "-r -F" if option.is_file else f"-x -a {_fish_quoted(' '.join(option.choices))}"
            yield f"{here} -l {word.removeprefix('--')} {values} {described}"
        else:
            yield f"{here} -l {word.removeprefix('--')} {described}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
