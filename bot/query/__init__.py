"""The subscription language: text to a ``Query`` (a tree), what a tree says of a paper, errors that point at the word.

One grammar for subscribe, preview, search, alert and watch:

    either  = every { OR every }                    OR may be "|"; words bind closer than OR
    every   = item { [AND] item }                   at least one item that is not an exclusion
    item    = [ "-" | NOT ] ( [field] value | [field] "(" either ")" | condition | "*" )
    value   = word | word"*" | "a phrase"

Pure: no I/O, no clock (``today`` is an argument), and no regular expression ever comes from a user. Ranking and stores
live elsewhere; finding the right queries for a paper among many is ``matching``.

    vocabulary   the names of fields, conditions and their values
    documents    a paper made ready to be asked
    tree         the parts of a query
    sieve        what full text can do for one
    queries      ``Query``, all that other rooms need
    sense        what is odd about a query that parses
    lexer        text to tokens
    parser       tokens to a tree, and ``parse``
    complaints   every sentence about a query that does not parse, with its repair
"""

from bot.query.documents import Document, document
from bot.query.parser import LONGEST, parse
from bot.query.queries import Query
from bot.query.sense import hints
from bot.query.tree import Verdict

__all__ = ["LONGEST", "Document", "Query", "Verdict", "document", "hints", "parse"]
