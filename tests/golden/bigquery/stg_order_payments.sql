-- view, shop_staging.stg_order_payments
with source as (

    select * from `a-project`.`shop_raw`.`order_payments`

),

renamed as (

    select
        -- ids
        order_id,
        payment_sequential,

        -- attributes
        payment_type,
        payment_installments,

        -- money
        round(cast(payment_value as numeric), 2) as payment_value,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
