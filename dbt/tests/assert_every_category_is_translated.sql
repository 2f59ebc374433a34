-- Where Olist brings in a new category without an English name, the seed missing_category_translations needs one.
with translated as (

    select product_category_name from {{ ref('stg_product_category_name_translation') }}
    union all
    select product_category_name from {{ ref('missing_category_translations') }}

)

select distinct products.product_category_name
from {{ ref('stg_products') }} as products
left join translated
    on products.product_category_name = translated.product_category_name
where products.product_category_name is not null
    and translated.product_category_name is null
