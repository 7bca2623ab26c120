-- Whether the configuration closes the service, written at each load; closed at run time stands beside it.
alter table server add column configured_maintenance integer not null default 0
    check (configured_maintenance in (0, 1));
alter table server add column configured_maintenance_message text;
