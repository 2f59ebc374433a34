-- view, shop_staging.stg_customers
with source as (

    select * from `a-project`.`shop_raw`.`customers`

),

renamed as (

    select
        -- ids
        customer_id,
        customer_unique_id,

        -- address
        customer_zip_code_prefix as zip_code_prefix,
        customer_city as city,
        customer_state as state,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
