-- view, shop_staging.stg_sellers
with source as (

    select * from `a-project`.`shop_raw`.`sellers`

),

renamed as (

    select
        -- ids
        seller_id,

        -- address
        seller_zip_code_prefix as zip_code_prefix,
        seller_city as city,
        seller_state as state,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
