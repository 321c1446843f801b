-- Which bundle of a watched folder a load was of, so that it is loaded once, whenever the process ends.

alter table informat.lading
    add column levering uuid,
    add column uitkomst jsonb,
    add constraint lading_levering_once unique (tenant_id, levering),
    add constraint lading_uitkomst_of_levering check ((levering is null) = (uitkomst is null));
comment on column informat.lading.levering is 'Id that the bundle was given when it was taken out of a watched folder; null = it came another way.';
comment on column informat.lading.uitkomst is 'Counts of the load, for the report of a bundle that is found again after the process ended.';
comment on index informat.lading_levering_once is 'Whether a bundle was loaded already.';
