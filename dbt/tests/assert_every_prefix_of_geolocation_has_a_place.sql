-- dim_geolocation lists every prefix that geolocation knows, also those that no address uses.
select prefixes.zip_code_prefix
from {{ ref('int_geolocation_by_zip_prefix') }} as prefixes
left join {{ ref('dim_geolocation') }} as places
    on prefixes.zip_code_prefix = places.zip_code_prefix
    and prefixes.city = places.city
    and prefixes.state = places.state
where places.zip_code_prefix is null
