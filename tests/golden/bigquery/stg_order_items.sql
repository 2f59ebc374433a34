-- view, shop_staging.stg_order_items
with source as (

    select * from `a-project`.`shop_raw`.`order_items`

),

renamed as (

    select
        -- ids
        order_id,
        order_item_id,
        product_id,
        seller_id,

        -- money
        round(cast(price as numeric), 2) as price,
        round(cast(freight_value as numeric), 2) as freight_value,

        -- timestamps
        cast(shipping_limit_date as datetime) as shipping_limit_date,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
