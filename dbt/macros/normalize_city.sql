{% macro normalize_city(city) -%}
    {#-
        A city's name for comparing: lower case, no accents, only what stands before a state, country or
        district ('maua/sao paulo', 'jacare (cabreuva)'), and one blank for each run of other characters
        ('mogi-guacu', "santa barbara d´oeste").
    -#}
    {%- set main_part = regexp_replace(strip_accents('lower(' ~ city ~ ')'), '[/,(\\\\].*', '') -%}
    trim({{ regexp_replace(main_part, '[^a-z0-9]+', ' ') }})
{%- endmacro %}
