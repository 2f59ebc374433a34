-- What a fact repeats of its order is what fact_orders says of it.
with repeated as (

    select 'fact_sales' as fact, order_id, customer_id, order_status, order_purchase_date_id, null as approved_date_id
    from {{ ref('fact_sales') }}
    union all
    select 'fact_payments', order_id, customer_id, null, null, payment_date_id
    from {{ ref('fact_payments') }}
    union all
    select 'fact_reviews', order_id, customer_id, null, null, null
    from {{ ref('fact_reviews') }}

)

select
    repeated.fact,
    repeated.order_id
from repeated
inner join {{ ref('fact_orders') }} as orders
    on repeated.order_id = orders.order_id
where repeated.customer_id <> orders.customer_id
    or repeated.order_status <> orders.order_status
    or repeated.order_purchase_date_id <> orders.order_purchase_date_id
    or repeated.approved_date_id <> orders.order_approved_date_id
    or (
        repeated.fact = 'fact_payments'
        and repeated.approved_date_id is null
        and orders.order_approved_date_id is not null
    )
