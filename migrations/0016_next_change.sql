-- Most days change nothing for most tenants: a new day alone makes a tenant due only from the day on which its roster can differ.

alter table roster.evaluation add column next_change date;
comment on column roster.evaluation.next_change is 'First day after `today` on which the same inputs can give another roster; infinity if there is none. Null if the publication was held, or from before this was known: then every new day is looked at.';
