-- Paperboy's database, from the top. Times are integers: milliseconds since 1970 in UTC, 0 for "never".
-- Days are text, '2026-11-23'. Lists and optional facts are JSON text. True and false are 1 and 0.
-- Everything outside "full text" is SQL that PostgreSQL speaks as well. `autoincrement`: an id once given is never
-- given again, so that work under way for somebody who is gone can never reach whoever came after.

pragma application_id = 1346457698;  -- 'PAPb': tells `file` and us whose database this is


-- ===== clocks =========================================================================================================

-- Counters that only rise, one row each.
--   revision       the clock of papers: every change of a paper takes the next number
--   subscriptions  rises whenever what `live()` returns may have changed, so that a matcher can keep its index
--   words          the edition of our reading rules that the full-text index was made by (see `fulltext.py`)
create table counter (
  name   text primary key,
  value  bigint not null
);
insert into counter (name, value) values ('revision', 0), ('subscriptions', 0), ('words', 0);


-- ===== papers =========================================================================================================

-- One row a paper, whatever sources told of it.
--
-- A paper waits for matching while revision > matched_revision. `before` is the paper as it was when last matched
-- (JSON, null when it never was), kept only while the paper waits: it is what tells "has 50 votes" from "has 50 votes
-- since now". A paper that only a look-up brought is not `announced`: its revision stays 0 and it waits for nothing.
create table paper (
  id                integer primary key,
  key               text not null unique,       -- 'arxiv:2401.01234', never with a version
  day               text not null,              -- featured, else published, else first seen: "newest" is by this
  trending          integer,                    -- the place in the trending list, null when not in it
  first_seen        bigint not null,
  announced         integer not null,
  revision          bigint not null,
  matched_revision  bigint not null,
  waiting           bigint not null,            -- the revision with which it began to wait: its place in the queue
  title             text not null,              -- what is long comes last, so that sorting need not read past it
  abstract          text not null,
  doc               text not null,              -- JSON: every other field that says something
  before            text
);
create index paper_by_day on paper (day, id);
create index paper_waiting on paper (waiting) where revision > matched_revision;
create index paper_trending on paper (trending) where trending is not null;

-- Which source told of which paper, first and last. Of watched papers whose turn it is, the last time says which first.
create table sighting (
  source      text not null,
  paper       integer not null references paper (id),
  first_seen  bigint not null,
  last_seen   bigint not null,
  primary key (source, paper)
);
create index sighting_by_paper on sighting (paper);

-- The lists as they were served: 'daily' and 'announced' only grow, 'trending' of a day is its latest state.
create table listing (
  name   text not null,
  day    text not null,
  paper  integer not null references paper (id),
  rank   integer not null,                      -- 1 is the first
  primary key (name, day, paper)
);
create index listing_by_paper on listing (paper);

-- What each source asked to be handed back at its next poll (URL to ETag).
create table cursor (
  source  text not null,
  name    text not null,
  value   text not null,
  primary key (source, name)
);

-- How each source fares; the columns are those of `SourceHealth`.
create table health (
  source         text primary key,
  last_try       bigint not null,
  last_ok        bigint not null,
  last_fresh     bigint not null,
  error          text not null,
  failing_since  bigint not null,
  not_before     bigint not null
);

-- Pieces of long work that are done, such as one day of a backfill.
create table job (
  name  text primary key
);


-- ===== full text (the one part only SQLite understands) ===============================================================

-- The words of a paper as our matcher reads them (`bot.text.words`): folded, singular, joined by spaces. Parts of
-- CamelCase names stand at the end of the title. Both indexes below read their text from here.
create table paper_words (
  id        integer primary key references paper (id),
  title     text not null,
  abstract  text not null,
  people    text not null,                      -- authors, their handles, the organization, the submitter
  extra     text not null                       -- keywords
);

-- The words just as they are: what must stand in a paper, and prefixes. The tokenizer only splits at spaces, so that
-- this index and the matcher can never disagree about what a word is ('c++' and 'c#' are words).
create virtual table paper_exact using fts5 (
  title, abstract, people, extra,
  content = 'paper_words', content_rowid = 'id', tokenize = 'ascii tokenchars ''+#'''
);

-- Their English stems: for ranking by loose words. Not for prefixes: the stem of 'generalization' is shorter than
-- the prefix 'generaliz'.
create virtual table paper_stems using fts5 (
  title, abstract, people, extra,
  content = 'paper_words', content_rowid = 'id', tokenize = 'porter ascii tokenchars ''+#'''
);


-- ===== targets and subscriptions ======================================================================================

-- A place that gets posts, and how it wants them. `suspended` is the reason in plain words, empty while it takes posts.
create table target (
  id            integer primary key autoincrement,
  platform      text not null,
  space         text not null,                  -- guild, workspace
  room          text not null,                  -- channel or person
  kind          text not null,                  -- channel | person
  name          text not null default '',       -- what people call the room, as last heard
  timezone      text not null,
  quiet_from    integer,                        -- minutes after local midnight, both or neither
  quiet_to      integer,
  digest_at     integer not null,
  format        text not null,                  -- card | line | thread
  cap           integer not null,
  living        integer not null,               -- 1: a post may be shown anew, once
  paused_until  bigint,                         -- null: not paused, 0: until resumed
  suspended     text not null default '',
  suspended_at  bigint not null default 0,
  next_number   integer not null default 1,     -- the number of the next subscription: never given twice
  next_watch    integer not null default 1,     -- the same of its watches
  unique (platform, space, room, kind)
);

-- A query at a target. `since` is the revision clock when it was made or its query changed: only later changes of
-- papers can fire it, so nobody is flooded on subscribing.
create table subscription (
  id            integer primary key autoincrement,
  target        integer not null references target (id) on delete cascade,
  number        integer not null,               -- what people type: #2
  query         text not null,
  every         text not null,                  -- instant | daily | weekly
  at            integer,                        -- minutes after local midnight, null: the target's digest hour
  weekday       integer not null,               -- 0 is Monday
  max           integer,
  mention       text not null,
  owner         text not null,                  -- a person's id, or empty
  owner_name    text not null,                  -- what they were called then
  created       bigint not null,
  since         bigint not null,
  paused_until  bigint,
  unique (target, number),
  unique (target, query)
);

-- One guild or workspace: who may manage its channels, and whether everything in it rests.
create table space (
  platform  text not null,
  space     text not null,
  policy    text not null,                      -- open | managers
  managers  text not null,                      -- JSON list of person ids
  paused    integer not null,
  primary key (platform, space)
);


-- ===== the outbox =====================================================================================================

-- A frozen payload on its way. The life of a message:
--
--   ready ──claim──> sending ──> sent
--     ^                 ├──────> dead        refused for good, or out of tries
--     └──try again──────┤
--   ambiguous <─unclear─┘                    asked about at the platform before it is sent again
--   suspended                                its target takes no posts; goes back to ready or ambiguous
--   expired                                  waited too long
--
-- A claim is a lease: a message still `sending` after `lease_until` belongs to somebody who died. At each target only
-- the oldest unfinished message moves, so posts never overtake each other. What goes into the thread of a message stands
-- right behind it and carries no deliveries; it ends with the message when that never arrives.
create table message (
  id           integer primary key autoincrement,
  target       integer not null references target (id) on delete cascade,
  kind         text not null,                   -- instant | digest | fold | reply | notice
  heading      text not null default '',        -- what stands over its papers
  answers      bigint references message (id) on delete cascade,  -- the message in whose thread it belongs
  payload      text not null,
  plain        text not null,
  nonce        text not null,
  slot         text not null,                   -- the digest it is, '2026-11-23T09:00', or empty
  state        text not null,
  unclear      integer not null default 0,      -- suspended only: an earlier try may have arrived
  attempt      integer not null default 0,      -- sends begun
  resent       integer not null default 0,      -- sends begun without knowing whether an earlier one arrived
  degraded     integer not null default 0,      -- goes out as plain text from now on
  due          bigint not null,
  lease_until  bigint not null default 0,
  created      bigint not null,
  started      bigint not null default 0,       -- first send begun
  ended        bigint not null default 0,       -- sent, dead or expired
  receipt      text not null default '',        -- the platform's id and address of the message
  link         text not null default '',
  rework       text not null default '',        -- waiting: to be shown anew; done: it was, or cannot be
  error        text not null default ''         -- of the last try
);
create unique index message_slot on message (target, slot) where slot <> '';
create index message_open on message (target, id) where state in ('ready', 'sending', 'ambiguous');
create index message_due on message (due, id) where state in ('ready', 'sending', 'ambiguous');
create index message_by_target on message (target, id);
create index message_answers on message (answers) where answers is not null;
create index message_rework on message (id) where rework = 'waiting';

-- One paper for one target, once per occasion: '' for a match, 'watch:<id>:<query>' for a watched paper.
--
--   pending ──freeze──> framed ──> sent | dead | expired
--                         └──────> suspended (and back) with its message
--   pending ──────────> expired                 and back, when it matches anew
create table delivery (
  id        integer primary key autoincrement,
  target    integer not null references target (id) on delete cascade,
  paper     integer not null references paper (id),
  occasion  text not null,
  kind      text not null,                      -- instant | digest | fold
  slot      text not null,                      -- the digest it belongs to, or empty
  due       bigint not null,
  created   bigint not null,
  state     text not null,
  detail    text not null default '',           -- why it is where it is, in plain words
  message   integer references message (id),
  shown     integer not null default 1,         -- 0: only counted in an "N more" line
  place     integer not null default 0,         -- 1 is the first that its message shows
  day       text not null default '',           -- the target's local day on which it was framed
  sent_at   bigint not null default 0,
  unique (paper, target, occasion)
);
create index delivery_due on delivery (due, id) where state = 'pending';
create index delivery_waiting on delivery (target) where state = 'pending';
create index delivery_by_message on delivery (message);
create index delivery_by_day on delivery (target, day);

-- Why a paper reaches a target, as it was when it matched: the subscription may be gone by now. 0 is a watch.
create table reason (
  delivery      integer not null references delivery (id) on delete cascade,
  subscription  integer not null,
  position      integer not null,
  number        integer not null,
  query         text not null,
  terms         text not null,                  -- JSON list of the words that hit
  mention       text not null,
  max           integer,
  primary key (delivery, subscription)
);


-- ===== people =========================================================================================================

-- Papers somebody kept. A person is (platform, space, id).
create table saved (
  platform  text not null,
  space     text not null,
  person    text not null,
  paper     integer not null references paper (id),
  note      text not null,
  at        bigint not null,
  primary key (platform, space, person, paper)
);

-- One person's eye on one paper; `done` once it has fired. Watched papers are read again by turns: `turn` is the last
-- one that the paper had, 0 for none.
create table watch (
  id      integer primary key autoincrement,
  target  integer not null references target (id) on delete cascade,
  number  integer not null,                     -- what people type: #2
  paper   integer not null references paper (id),
  query   text not null,
  turn    bigint not null default 0,
  done    integer not null default 0,
  unique (target, number),
  unique (target, paper, query)
);
create index watch_open on watch (paper) where done = 0;

-- What platforms keep for themselves between two starts: installations (sealed), budgets, long button commands.
create table note (
  owner  text not null,                         -- the platform's name
  key    text not null,
  text   text not null,
  until  bigint not null,                       -- may be forgotten from then on, 0: never
  primary key (owner, key)
);
create index note_by_end on note (until) where until > 0;

-- Uses of something limited, one row each, until their window is over.
create table spent (
  id        integer primary key,
  platform  text not null,
  space     text not null,
  person    text not null,
  bucket    text not null,
  at        bigint not null,
  until     bigint not null
);
create index spent_by_person on spent (platform, space, person, bucket, at);
create index spent_by_end on spent (until);
