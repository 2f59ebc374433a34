-- table, shop_marts.fact_sales, partitioned by month of order_purchase_date, clustered by product_id, customer_id
with items as (

    select * from `a-project`.`shop_staging`.`stg_order_items`

),

orders as (

    select * from `a-project`.`shop_staging`.`stg_orders`

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
        cast(
        extract(year from order_purchase_date) * 10000
        + extract(month from order_purchase_date) * 100
        + extract(day from order_purchase_date)
        as int64
    ) as order_purchase_date_id,

        -- money
        price,
        freight_value,
        round(cast(total_item_value as numeric), 2) as total_item_value,
        round(cast(case when order_status in ('delivered', 'invoiced') then total_item_value else 0 end as numeric), 2) as recognized_revenue,

        -- measures
        cast(1 as int64) as order_count,
        order_status = 'delivered' as delivered_flag,

        -- load
        load_timestamp
    from joined

)

select * from final
