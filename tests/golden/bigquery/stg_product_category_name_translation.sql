-- view, shop_staging.stg_product_category_name_translation
with source as (

    select * from `a-project`.`shop_raw`.`product_category_name_translation`

),

renamed as (

    select
        -- category
        product_category_name,
        product_category_name_english,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
