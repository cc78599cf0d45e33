-- A target that takes no posts is tried again from time to time, and a source that does not answer is told of once.

alter table target add column on_trial integer not null default 0;      -- 1: suspended, but posted to, to see
alter table target add column trial_due bigint not null default 0;      -- suspended only: when it is tried next, 0: not by itself
update target set trial_due = suspended_at + 86400000 where suspended <> '';

alter table health add column told bigint not null default 0;           -- when people were told of it, 0: nobody was

-- The history of messages is long; what rests in it, and what was told, is little.
create index message_resting on message (target) where state = 'suspended';
create index message_notices on message (slot) where kind = 'notice';
