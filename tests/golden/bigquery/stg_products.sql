-- view, shop_staging.stg_products
with source as (

    select * from `a-project`.`shop_raw`.`products`

),

renamed as (

    select
        -- ids
        product_id,

        -- category
        product_category_name,

        -- listing
        product_name_length,
        product_description_length,
        product_photos_qty,

        -- parcel
        product_weight_g,
        product_length_cm,
        product_height_cm,
        product_width_cm,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
