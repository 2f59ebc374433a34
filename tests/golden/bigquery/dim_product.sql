-- table, shop_marts.dim_product
with current_versions as (

    select * from `a-project`.`shop_snapshots`.`snapshot_products`
    where dbt_valid_to is null

),

translations as (

    select * from `a-project`.`shop_staging`.`stg_product_category_name_translation`

),

missing_translations as (

    select * from `a-project`.`shop_staging`.`missing_category_translations`

),

final as (

    select
        -- ids
        products.product_id,

        -- category: a category that nobody has translated keeps its own name; no category stays null
        coalesce(
            translations.product_category_name_english,
            missing_translations.product_category_name_english,
            products.product_category_name
        ) as product_category_name,
        products.product_category_name as product_category_name_portuguese,

        -- listing
        products.product_name_length,
        products.product_description_length,
        products.product_photos_qty,

        -- parcel
        products.product_weight_g,
        products.product_length_cm,
        products.product_height_cm,
        products.product_width_cm,

        -- load
        products.load_timestamp
    from current_versions as products
    left join translations
        on products.product_category_name = translations.product_category_name
    left join missing_translations
        on products.product_category_name = missing_translations.product_category_name

)

select * from final
