-- table, shop_marts.fact_fulfillment, partitioned by month of shipping_limit_date, clustered by seller_id, product_id
with items as (

    select * from `a-project`.`shop_staging`.`stg_order_items`

),

orders as (

    select * from `a-project`.`shop_staging`.`stg_orders`

),

final as (

    select
        -- ids
        items.order_id,
        items.order_item_id,
        orders.customer_id,
        items.product_id,
        items.seller_id,

        -- attributes
        orders.order_status,

        -- timestamps
        orders.order_approved_date as order_approved_at,
        items.shipping_limit_date,
        cast(
        extract(year from items.shipping_limit_date) * 10000
        + extract(month from items.shipping_limit_date) * 100
        + extract(day from items.shipping_limit_date)
        as int64
    ) as shipping_limit_date_id,
        orders.order_delivered_customer_date,
        orders.order_estimated_delivery_date,

        -- calendar days; null as long as one of the two dates is missing
        

    datetime_diff(
        cast(orders.order_delivered_customer_date as datetime),
        cast(orders.order_approved_date as datetime),
        day
    )

  
            as actual_delivery_days,
        

    datetime_diff(
        cast(orders.order_estimated_delivery_date as datetime),
        cast(orders.order_approved_date as datetime),
        day
    )

  
            as estimated_delivery_days,
        

    datetime_diff(
        cast(orders.order_delivered_customer_date as datetime),
        cast(orders.order_estimated_delivery_date as datetime),
        day
    )

  
            as delivery_delay,
        -- compared by day: the promise is a day, a delivery on it is on time
        cast(orders.order_delivered_customer_date as date) > cast(orders.order_estimated_delivery_date as date)
            as delivery_late_flag,

        -- load
        items.load_timestamp
    from items
    left join orders
        on items.order_id = orders.order_id

)

select * from final
