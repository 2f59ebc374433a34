-- view, shop_staging.stg_orders
with source as (

    select * from `a-project`.`shop_raw`.`orders`

),

renamed as (

    select
        -- ids
        order_id,
        customer_id,

        -- attributes
        order_status,

        -- timestamps
        cast(order_purchase_timestamp as datetime) as order_purchase_date,
        cast(order_approved_at as datetime) as order_approved_date,
        cast(order_delivered_carrier_date as datetime) as order_delivered_carrier_date,
        cast(order_delivered_customer_date as datetime) as order_delivered_customer_date,
        cast(order_estimated_delivery_date as datetime) as order_estimated_delivery_date,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
