-- table, shop_marts.dim_seller
with current_versions as (

    select * from `a-project`.`shop_snapshots`.`snapshot_sellers`
    where dbt_valid_to is null

),

final as (

    select
        seller_id,
        zip_code_prefix,
        city,
        state,
        load_timestamp
    from current_versions

)

select * from final
