with source as (

    select * from {{ source('raw', 'order_items') }}

),

renamed as (

    select
        -- ids
        order_id,
        order_item_id,
        product_id,
        seller_id,

        -- money
        {{ to_decimal('price') }} as price,
        {{ to_decimal('freight_value') }} as freight_value,

        -- timestamps
        cast(shipping_limit_date as datetime) as shipping_limit_date,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
