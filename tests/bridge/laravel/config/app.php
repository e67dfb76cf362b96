<?php

return [
    'name' => 'shop',
    'env' => 'production',
    'debug' => true,
    'key' => 'base64:' . base64_encode(str_repeat('k', 32)),
    'cipher' => 'AES-256-CBC',
    'timezone' => 'Asia/Baghdad',
    'locale' => 'ar',
    'fallback_locale' => 'en',
    'providers' => [
        Illuminate\Bus\BusServiceProvider::class,
        Illuminate\Cache\CacheServiceProvider::class,
        Illuminate\Database\DatabaseServiceProvider::class,
        Illuminate\Encryption\EncryptionServiceProvider::class,
        Illuminate\Filesystem\FilesystemServiceProvider::class,
        Illuminate\Queue\QueueServiceProvider::class,
        App\Providers\ShopServiceProvider::class,
        App\Providers\QueueCommandsServiceProvider::class,
    ],
];
