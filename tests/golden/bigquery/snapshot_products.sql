-- snapshot, shop_snapshots.snapshot_products
select * from `a-project`.`shop_staging`.`stg_products`
