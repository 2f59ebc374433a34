-- table, shop_marts.fact_orders, partitioned by month of order_purchase_date, clustered by customer_id
with orders as (

    select * from `a-project`.`shop_staging`.`stg_orders`

),

final as (

    select
        -- ids
        order_id,
        customer_id,

        -- attributes
        order_status,

        -- timestamps
        order_purchase_date,
        order_approved_date,
        order_delivered_carrier_date,
        order_delivered_customer_date,
        order_estimated_delivery_date,

        -- keys of dim_date
        cast(
        extract(year from order_purchase_date) * 10000
        + extract(month from order_purchase_date) * 100
        + extract(day from order_purchase_date)
        as int64
    ) as order_purchase_date_id,
        cast(
        extract(year from order_approved_date) * 10000
        + extract(month from order_approved_date) * 100
        + extract(day from order_approved_date)
        as int64
    ) as order_approved_date_id,
        cast(
        extract(year from order_delivered_carrier_date) * 10000
        + extract(month from order_delivered_carrier_date) * 100
        + extract(day from order_delivered_carrier_date)
        as int64
    ) as order_delivered_carrier_date_id,
        cast(
        extract(year from order_delivered_customer_date) * 10000
        + extract(month from order_delivered_customer_date) * 100
        + extract(day from order_delivered_customer_date)
        as int64
    ) as order_delivered_customer_date_id,
        cast(
        extract(year from order_estimated_delivery_date) * 10000
        + extract(month from order_estimated_delivery_date) * 100
        + extract(day from order_estimated_delivery_date)
        as int64
    ) as order_estimated_delivery_date_id,

        -- load
        load_timestamp
    from orders

)

select * from final
