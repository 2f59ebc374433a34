-- table, shop_marts.dim_customer
with current_versions as (

    select * from `a-project`.`shop_snapshots`.`snapshot_customers`
    where dbt_valid_to is null

),

final as (

    select
        customer_id,
        customer_unique_id,
        zip_code_prefix,
        city,
        state,
        load_timestamp
    from current_versions

)

select * from final
