<?php

/** A shop's artisan on Debian's Laravel: `php artisan.php COMMAND …`, its database named by the environment. */

error_reporting(E_ALL & ~E_DEPRECATED);
require '/usr/share/php/Illuminate/autoload.php';
require __DIR__ . '/app/shop.php';
require __DIR__ . '/app/providers.php';

$app = new Illuminate\Foundation\Application(__DIR__);
$app->useStoragePath(getenv('SHOP_STORAGE'));
if (method_exists($app, 'dontMergeFrameworkConfiguration')) { // Laravel 11 and later; Debian ships no such files
    $app->dontMergeFrameworkConfiguration();
}
if (interface_exists(Illuminate\Contracts\Foundation\MaintenanceMode::class)) { // Laravel 9 and later: its worker asks
    $app->singleton(
        Illuminate\Contracts\Foundation\MaintenanceMode::class,
        Illuminate\Foundation\FileBasedMaintenanceMode::class
    );
}
$app->singleton(Illuminate\Contracts\Console\Kernel::class, function ($app) {
    return new class($app, $app['events']) extends Illuminate\Foundation\Console\Kernel {
        protected $bootstrappers = [
            Illuminate\Foundation\Bootstrap\LoadConfiguration::class,
            Illuminate\Foundation\Bootstrap\RegisterFacades::class,
            Illuminate\Foundation\Bootstrap\RegisterProviders::class,
            Illuminate\Foundation\Bootstrap\BootProviders::class,
        ];
    };
});
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);
$kernel = $app->make(Illuminate\Contracts\Console\Kernel::class);
exit($kernel->handle(new Symfony\Component\Console\Input\ArgvInput(), new Symfony\Component\Console\Output\ConsoleOutput()));
