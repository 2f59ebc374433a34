with source as (

    select * from {{ source('raw', 'order_payments') }}

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
        {{ to_decimal('payment_value') }} as payment_value,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
