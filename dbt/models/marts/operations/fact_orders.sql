{{ config(partition_by=by_month('order_purchase_date'), cluster_by=['customer_id']) }}

with orders as (

    select * from {{ ref('stg_orders') }}

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
        {{ date_id('order_purchase_date') }} as order_purchase_date_id,
        {{ date_id('order_approved_date') }} as order_approved_date_id,
        {{ date_id('order_delivered_carrier_date') }} as order_delivered_carrier_date_id,
        {{ date_id('order_delivered_customer_date') }} as order_delivered_customer_date_id,
        {{ date_id('order_estimated_delivery_date') }} as order_estimated_delivery_date_id,

        -- load
        load_timestamp
    from orders

)

select * from final
