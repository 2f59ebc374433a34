-- snapshot, shop_snapshots.snapshot_sellers
select * from `a-project`.`shop_staging`.`stg_sellers`
