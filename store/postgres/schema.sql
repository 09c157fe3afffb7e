-- Statements are parted by a blank line; each makes what is missing and can be run again.
-- All kinds of aggregates share these tables. Times are microseconds since 1970 UTC, as in
-- the audit's bytes: no setting of a session bends a number. No text is '' where there is
-- none: it is null, so that the partial indexes are found by "=".

create table if not exists kycle_record (
  organization text not null, kind text not null, id uuid not null,
  version bigint not null, owner text not null, status text not null, current boolean not null,
  exclusive_key text, session text, due bigint, due_rank smallint not null, leased bigint,
  created bigint not null, data text not null,
  primary key (organization, kind, id))

create index if not exists kycle_record_owner on kycle_record (organization, kind, owner, created desc, id)

-- Not unique: a replacement passes an exclusive key on within one statement, and not every
-- database looks only at the end of it. kycle_exclusive sees to it that one record holds it.
create index if not exists kycle_record_exclusive_key on kycle_record (organization, kind, exclusive_key)
  where exclusive_key is not null

create unique index if not exists kycle_record_session on kycle_record (session, kind) where session is not null

-- For counting: the statuses are found by skipping from one to the next. The id is there so
-- that a count has an order that only this index gives, and is never a walk over the table.
create index if not exists kycle_record_status on kycle_record (kind, status, organization, id)

-- The ranks are found by skipping from one to the next. leased stands beside the index, not
-- in it, so that leasing a record moves no index entry.
create index if not exists kycle_record_due on kycle_record (kind, due_rank, due, id) where due is not null

-- What a record holds alone: its exclusive key (scope: its organization) and its session
-- (scope ''). A row counts while the record that it names holds it. Whoever takes it next
-- compares turn and sets it: a rival is found by looking, and never by a unique violation,
-- which would end the transaction around it.
create table if not exists kycle_exclusive (
  scope text not null, kind text not null, what text not null, name text not null,
  organization text not null, id uuid not null, turn bigint not null,
  primary key (scope, kind, what, name))

-- bytes is the entry in canonical form; salt and body stand beside what is hashed. attempt
-- names the call of Commit that wrote it, for a driver that sent a statement twice.
create table if not exists kycle_entry (
  organization text not null, kind text not null, id uuid not null, seq bigint not null,
  attempt uuid not null, bytes bytea not null, salt bytea, body text,
  primary key (organization, kind, id, seq))

create table if not exists kycle_posting (
  organization text not null, key uuid not null,
  kind text not null, id uuid not null, seq bigint not null,
  direction text not null, minor bigint not null, currency text not null, reverses uuid, at bigint not null,
  primary key (organization, key))

create index if not exists kycle_posting_record on kycle_posting (organization, kind, id, seq, direction)

create table if not exists kycle_receipt (
  organization text not null, kind text not null, id uuid not null, key text not null,
  fingerprint text not null,
  primary key (organization, kind, id, key))
