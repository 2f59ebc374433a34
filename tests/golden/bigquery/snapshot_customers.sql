-- snapshot, shop_snapshots.snapshot_customers
select * from `a-project`.`shop_staging`.`stg_customers`
