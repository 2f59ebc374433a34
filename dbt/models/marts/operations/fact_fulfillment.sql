{{ config(partition_by=by_month('shipping_limit_date'), cluster_by=['seller_id', 'product_id']) }}

with items as (

    select * from {{ ref('stg_order_items') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

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
        {{ date_id('items.shipping_limit_date') }} as shipping_limit_date_id,
        orders.order_delivered_customer_date,
        orders.order_estimated_delivery_date,

        -- calendar days; null as long as one of the two dates is missing
        {{ dbt.datediff('orders.order_approved_date', 'orders.order_delivered_customer_date', 'day') }}
            as actual_delivery_days,
        {{ dbt.datediff('orders.order_approved_date', 'orders.order_estimated_delivery_date', 'day') }}
            as estimated_delivery_days,
        {{ dbt.datediff('orders.order_estimated_delivery_date', 'orders.order_delivered_customer_date', 'day') }}
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
