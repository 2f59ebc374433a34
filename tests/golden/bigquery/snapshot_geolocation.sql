-- snapshot, shop_snapshots.snapshot_geolocation
select * from `a-project`.`shop_staging`.`int_geolocation_by_zip_prefix`
