-- One record that is there, with at most one entry: what a transition is. The version is
-- compared where the row is written, so a rival who committed while this statement waited
-- is seen. Answers: 1 done, 2 another version, 3 a key that is there, 4 no decision on this
-- record can have made it, 5 somebody committed meanwhile.
with
present as (
  select r.exclusive_key, r.session, r.created, coalesce((select e.seq from kycle_entry e
    where e.organization = r.organization and e.kind = r.kind and e.id = r.id order by e.seq desc limit 1), 0) as last
  from kycle_record r
  where r.organization = $2 and r.kind = $1 and r.id = cast($3 as uuid) and r.version = cast($4 as bigint)),
gate as (
  select (cast($8 as text) is null or p.exclusive_key = $8) and p.session is not distinct from cast($9 as text)
      and p.created = cast($10 as bigint) and cast($13 as bigint) in (0, p.last + 1) as fits,
    not exists (select 1 from kycle_posting k where k.organization = $2 and k.key = cast($19 as uuid))
    and not exists (select 1 from json_each_text(cast($17 as json)) as x(key, fingerprint)
      cross join lateral (select 1 from kycle_receipt k
        where k.organization = $2 and k.kind = $1 and k.id = cast($3 as uuid) and k.key = x.key limit 1) k) as fresh
  from present p),
saved as (
  update kycle_record
  set version = version + 1, owner = $5, status = $6, current = cast($7 as boolean), exclusive_key = $8,
    due = cast($11 as bigint), due_rank = cast($26 as smallint), leased = null, data = $12
  where organization = $2 and kind = $1 and id = cast($3 as uuid) and version = cast($4 as bigint)
    and (select g.fits and g.fresh from gate g)
  returning 1),
entries as (
  insert into kycle_entry (organization, kind, id, seq, attempt, bytes, salt, body)
  select $2, $1, cast($3 as uuid), cast($13 as bigint), cast($18 as uuid),
    cast($14 as bytea), cast($15 as bytea), cast($16 as text)
  from saved where cast($13 as bigint) > 0),
postings as (
  insert into kycle_posting (organization, key, kind, id, seq, direction, minor, currency, reverses, at)
  select $2, cast($19 as uuid), $1, cast($3 as uuid), cast($20 as bigint), cast($21 as text), cast($22 as bigint), cast($23 as text),
    cast($24 as uuid), cast($25 as bigint)
  from saved where cast($19 as uuid) is not null),
receipts as (
  insert into kycle_receipt (organization, kind, id, key, fingerprint)
  select $2, $1, cast($3 as uuid), x.key, x.fingerprint
  from saved, json_each_text(cast($17 as json)) as x(key, fingerprint))
select case
  when exists (select 1 from saved) then 1
  when exists (select 1 from kycle_entry e where e.organization = $2 and e.kind = $1 and e.id = cast($3 as uuid)
    and e.seq = cast($13 as bigint) and e.attempt = cast($18 as uuid)) then 1
  when not exists (select 1 from gate) then 2
  when not (select g.fits from gate g) then 4
  when not (select g.fresh from gate g) then 3
  else 5 end
