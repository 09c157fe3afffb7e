-- Every other commit: a new record, or one and its replacement, or more than one entry.
-- No table is joined to what was sent but through "lateral ... limit 1": a planner that
-- believes in a hundred rows a list would walk over the table. Answers as update.sql.
with
input as (
  select x.*, coalesce(r.version, 0) as stands, r.exclusive_key as was_exclusive_key, r.session as was_session, r.created as was_created,
    coalesce(l.seq, 0) as last
  from json_to_recordset(cast($3 as json)) as x(organization text, id uuid, expect bigint, seq bigint, owner text, status text,
    current boolean, exclusive_key text, session text, due bigint, due_rank smallint, created bigint, data text)
  left join lateral (select k.version, k.exclusive_key, k.session, k.created from kycle_record k
    where k.organization = x.organization and k.kind = $1 and k.id = x.id limit 1) r on true
  left join lateral (select e.seq from kycle_entry e
    where e.organization = x.organization and e.kind = $1 and e.id = x.id order by e.seq desc limit 1) l on true),
entries as (
  select * from json_to_recordset(cast($4 as json)) as x(organization text, id uuid, seq bigint, bytes text, salt text, body text)),
postings as (
  select * from json_to_recordset(cast($5 as json)) as x(organization text, id uuid, key uuid, seq bigint, direction text,
    minor bigint, currency text, reverses uuid, at bigint)),
receipts as (
  select * from json_to_recordset(cast($6 as json)) as x(organization text, id uuid, key text, fingerprint text)),
-- The record replaced is locked before anything is written, so that rivals queue here and
-- the later one sees the version of the earlier. It is one at most: nothing can deadlock.
locked as (
  select l.id from input i cross join lateral (select k.id from kycle_record k
    where k.organization = i.organization and k.kind = $1 and k.id = i.id and k.version = i.expect limit 1 for update) l
  where i.expect > 0 and i.stands = i.expect),
wanted as (
  select i.organization as scope, 'exclusive_key' as what, i.exclusive_key as name, i.organization, i.id
  from input i where i.expect = 0 and i.exclusive_key is not null
  union all
  select '', 'session', i.session, i.organization, i.id from input i where i.expect = 0 and i.session is not null),
take as (
  select w.scope, w.what, w.name, w.organization, w.id, coalesce(c.turn, 0) as turn,
    h.id is not null and not exists (select 1 from input o -- the one replaced gives it up in this very commit
      where o.organization = c.organization and o.id = c.id and o.expect > 0 and o.exclusive_key is null
      and w.what = 'exclusive_key') as occupied
  from wanted w
  left join lateral (select k.turn, k.organization, k.id from kycle_exclusive k
    where k.scope = w.scope and k.kind = $1 and k.what = w.what and k.name = w.name limit 1) c on true
  left join lateral (select k.id from kycle_record k where k.organization = c.organization and k.kind = $1 and k.id = c.id
    and case when w.what = 'exclusive_key' then k.exclusive_key else k.session end = w.name limit 1) h on true),
gate as (
  select
    not exists (select 1 from input where stands <> expect) as stands,
    (select count(*) from locked) = (select count(*) from input where expect > 0) as held,
    not exists (select 1 from input where seq not in (0, last + 1) or expect > 0
      and (exclusive_key is not null and exclusive_key is distinct from was_exclusive_key
        or session is distinct from was_session or created <> was_created)) as fits,
    not exists (select 1 from postings p cross join lateral (select 1 from kycle_posting k
      where k.organization = p.organization and k.key = p.key limit 1) k)
    and not exists (select 1 from postings group by organization, key having count(*) > 1)
    and not exists (select 1 from receipts q cross join lateral (select 1 from kycle_receipt k
      where k.organization = q.organization and k.kind = $1 and k.id = q.id and k.key = q.key limit 1) k) as fresh,
    not exists (select 1 from take where occupied) as vacant),
acquired as (
  insert into kycle_exclusive as k (scope, kind, what, name, organization, id, turn)
  select t.scope, $1, t.what, t.name, t.organization, t.id, t.turn + 1 from take t, gate g
  where g.stands and g.held and g.fits and g.fresh and g.vacant order by t.scope, t.what, t.name
  on conflict (scope, kind, what, name) do update set organization = excluded.organization, id = excluded.id, turn = excluded.turn
  where k.turn = excluded.turn - 1
  returning 1),
-- One modification of the table for the old and the new. A new one whose id a rival took
-- meanwhile is not saved.
saved as (
  insert into kycle_record as r (organization, kind, id, version, owner, status, current, exclusive_key, session,
    due, due_rank, leased, created, data)
  select i.organization, $1, i.id, i.expect + 1, i.owner, i.status, i.current, i.exclusive_key, i.session,
    i.due, i.due_rank, null, i.created, i.data
  from input i, gate g
  where g.stands and g.held and g.fits and g.fresh and g.vacant and (select count(*) from acquired) = (select count(*) from take)
  order by i.expect desc
  on conflict (organization, kind, id) do update set version = excluded.version, owner = excluded.owner, status = excluded.status,
    current = excluded.current, exclusive_key = excluded.exclusive_key,
    due = excluded.due, due_rank = excluded.due_rank, leased = null, data = excluded.data
  where r.version = excluded.version - 1
  returning 1),
done as (select (select count(*) from saved) as n, (select count(*) from input) as m),
entered as (
  insert into kycle_entry (organization, kind, id, seq, attempt, bytes, salt, body)
  select e.organization, $1, e.id, e.seq, cast($2 as uuid), decode(e.bytes, 'hex'), decode(e.salt, 'hex'), e.body
  from entries e, done d where d.n = d.m),
posted as (
  insert into kycle_posting (organization, key, kind, id, seq, direction, minor, currency, reverses, at)
  select p.organization, p.key, $1, p.id, p.seq, p.direction, p.minor, p.currency, p.reverses, p.at
  from postings p, done d where d.n = d.m),
received as (
  insert into kycle_receipt (organization, kind, id, key, fingerprint)
  select q.organization, $1, q.id, q.key, q.fingerprint
  from receipts q, done d where d.n = d.m)
select case
  when d.n = d.m then 1
  when d.n > 0 then 1 / (d.m - d.m) -- an error undoes the statement: one new id was raced from two predecessors
  when exists (select 1 from entries e cross join lateral (select 1 from kycle_entry k where k.organization = e.organization
    and k.kind = $1 and k.id = e.id and k.seq = e.seq and k.attempt = cast($2 as uuid) limit 1) k) then 1
  when not g.stands then 2
  when not g.fits then 4
  when not g.fresh then 3
  when not g.vacant then 2
  else 5 end
from done d, gate g
