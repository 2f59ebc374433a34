{{ config(cluster_by=['payment_type', 'customer_id']) }}

with payments as (

    select * from {{ ref('stg_order_payments') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

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
        {{ to_decimal(
            'round(payments.payment_value * 100 / greatest(payments.payment_installments, 1)) / 100'
        ) }} as installment_value,
        payments.payment_type = 'credit_card' as payment_type_flag_credit,

        -- key of dim_date
        {{ date_id('orders.order_approved_date') }} as payment_date_id,

        -- load
        payments.load_timestamp
    from payments
    left join orders
        on payments.order_id = orders.order_id

)

select * from final
