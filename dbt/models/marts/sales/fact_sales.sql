{{ config(partition_by=by_month('order_purchase_date'), cluster_by=['product_id', 'customer_id']) }}

with items as (

    select * from {{ ref('stg_order_items') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

joined as (

    select
        items.*,
        orders.customer_id,
        orders.order_status,
        orders.order_purchase_date,
        items.price + items.freight_value as total_item_value
    from items
    left join orders
        on items.order_id = orders.order_id

),

final as (

    select
        -- ids
        order_id,
        order_item_id,
        customer_id,
        seller_id,
        product_id,

        -- attributes
        order_status,

        -- timestamps
        order_purchase_date,
        {{ date_id('order_purchase_date') }} as order_purchase_date_id,

        -- money
        price,
        freight_value,
        {{ to_decimal('total_item_value') }} as total_item_value,
        {{ to_decimal(
            "case when order_status in ('delivered', 'invoiced') then total_item_value else 0 end"
        ) }} as recognized_revenue,

        -- measures
        cast(1 as int64) as order_count,
        order_status = 'delivered' as delivered_flag,

        -- load
        load_timestamp
    from joined

)

select * from final
