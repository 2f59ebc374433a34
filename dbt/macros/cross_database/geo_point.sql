{% macro geo_point(longitude, latitude) -%}
    {#- A point on the earth: GEOGRAPHY on BigQuery, well-known text on DuckDB, which has no spatial type built in. -#}
    {{ return(adapter.dispatch('geo_point')(longitude, latitude)) }}
{%- endmacro %}

{% macro duckdb__geo_point(longitude, latitude) -%}
    'POINT(' || {{ longitude }} || ' ' || {{ latitude }} || ')'
{%- endmacro %}

{% macro bigquery__geo_point(longitude, latitude) -%}
    st_geogpoint({{ longitude }}, {{ latitude }})
{%- endmacro %}
