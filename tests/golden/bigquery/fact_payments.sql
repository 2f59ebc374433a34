-- table, shop_marts.fact_payments, clustered by payment_type, customer_id
with payments as (

    select * from `a-project`.`shop_staging`.`stg_order_payments`

),

orders as (

    select * from `a-project`.`shop_staging`.`stg_orders`

),

final as (

    select
        -- ids
        payments.order_id,
        orders.customer_id,
        payments.payment_sequential,

        -- attributes
        payments.payment_type,
        payments.payment_installments,

        -- money
        payments.payment_value,

        -- instalments: in whole cents, where division and rounding are exact on both engines;
        -- a payment in 0 instalments is paid at once, that is in one
        payments.payment_installments > 1 as is_installment,
        round(cast(round(payments.payment_value * 100 / greatest(payments.payment_installments, 1)) / 100 as numeric), 2) as installment_value,
        payments.payment_type = 'credit_card' as payment_type_flag_credit,

        -- key of dim_date
        cast(
        extract(year from orders.order_approved_date) * 10000
        + extract(month from orders.order_approved_date) * 100
        + extract(day from orders.order_approved_date)
        as int64
    ) as payment_date_id,

        -- load
        payments.load_timestamp
    from payments
    left join orders
        on payments.order_id = orders.order_id

)

select * from final
